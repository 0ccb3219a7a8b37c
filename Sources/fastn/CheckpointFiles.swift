/// Where an installation keeps its checkpoints and the key pair that signs them.
enum CheckpointFiles {
    /// The environment variable that names the folder.
    static let variable = "FASTN_CHECKPOINTS"

    static func folder(in dataFolder: String) -> String { "\(dataFolder)/checkpoints" }
    static func secretKey(in dataFolder: String) -> String { "\(dataFolder)/checkpoint.key" }
    static func publicKey(in dataFolder: String) -> String { "\(dataFolder)/checkpoint.pub" }
}
