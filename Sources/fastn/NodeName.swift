import EventSourcing
import Vocabulary

/// The name of a data folder's node among those that share a database; it stays, so that a node that is started again gets its slices back.
enum NodeName {
    /// Reads the name, or makes one.
    static func open(in folder: String, ids: any IDSource) throws -> NodeID {
        let path = "\(folder)/node"
        if let text = try PrivateFiles.read(path), let name = NodeID(text.filter { !$0.isWhitespace }) { return name }
        let name: NodeID = ids.next()
        try PrivateFiles.write("\(name)\n", to: path)
        return name
    }
}
