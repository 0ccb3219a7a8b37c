/// What the supervisor passes on the command line; each is required, because a forgotten limit would be no limit.
struct Options {
    let parent: Int32
    let unprivilegedID: UInt32
    let memoryLimitBytes: UInt64
    let addressSpaceHeadroomBytes: UInt64
    let entryLimitMilliseconds: Int64
    let cpuLimitMilliseconds: Int64

    /// Reads `--name=number` arguments; nil if one is missing or malformed.
    init?(arguments: [String]) {
        var numbers: [String: Int64] = [:]
        for argument in arguments.dropFirst() {
            let halves = argument.split(separator: "=", maxSplits: 1)
            guard halves.count == 2, let number = Int64(halves[1]), number >= 0 else { return nil }
            numbers[String(halves[0])] = number
        }
        guard let parent = numbers["--parent"].flatMap(Int32.init(exactly:)),
            let unprivilegedID = numbers["--unprivileged-id"].flatMap(UInt32.init(exactly:)), unprivilegedID > 0,
            let memory = numbers["--memory-limit-bytes"], memory > 0,
            let headroom = numbers["--address-space-headroom-bytes"], headroom > 0,
            let entry = numbers["--entry-limit-milliseconds"], entry > 0,
            let cpu = numbers["--cpu-limit-milliseconds"], cpu > 0
        else { return nil }
        self.parent = parent
        self.unprivilegedID = unprivilegedID
        memoryLimitBytes = UInt64(memory)
        addressSpaceHeadroomBytes = UInt64(headroom)
        entryLimitMilliseconds = entry
        cpuLimitMilliseconds = cpu
    }
}
