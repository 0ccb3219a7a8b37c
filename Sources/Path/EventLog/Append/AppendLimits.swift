import Vocabulary

/// What one batch may hold; beyond it the caller is told before anything is sent.
enum AppendLimits {
    /// What a full mailbox can decide at once.
    static let eventsPerBatch = Limits.commandsPerBatch * Limits.eventsPerBatch
    /// Room for a journal that a run writes at its end.
    static let bytesPerBatch = 32 << 20
    /// An index entry of Postgres has 2,704 bytes at most; keys stand in one beside up to 50 others.
    static let keyBytes = 1024
}
