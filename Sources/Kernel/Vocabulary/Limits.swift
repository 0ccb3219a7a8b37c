/// Bounds that hold for everybody, each with its reason; what an operator or plan may change is configuration instead.
package enum Limits {
    /// Nesting of a JSON body: recursive readers overflow a pool thread's stack from about 160 levels on.
    package static let jsonDepth = 64
    /// A webhook or API body: 5 MB covers every provider we know (GitHub sends up to 25 MB only for exports, which carry links instead).
    package static let bodyBytes = 5 << 20
    /// Commands decided together and appended as one batch, so that one hot entity cannot fill a whole append call.
    package static let commandsPerBatch = 64
    /// Events of one command; keeps one batch within one append call.
    package static let eventsPerBatch = 500
    /// Commands waiting in one entity's mailbox before senders are refused: about two seconds of the slowest commit.
    package static let mailboxCommands = 1024
    /// How often a command is decided again after somebody else appended first.
    package static let conflictRetries = 3
    /// Entities kept in memory, of all kinds; the least recently used are dropped, since the log can rebuild them.
    package static let residentEntities = 10_000
    /// Bytes that they take, by estimate: what an installation of the smallest size can spare beside Postgres and its sandboxes.
    package static let residentBytes = 128 << 20
    /// What an entity in memory takes beside its state: actor, mailbox and its place in the tables, measured.
    package static let residentOverhead = 1 << 10
    /// A state is not measured before it may have grown by this much: most never do.
    package static let smallState = 32 << 10
    /// Entities that read the log at once; the pool keeps two connections for all others, or a start under load would starve the views.
    package static let loadsAtOnce = 6
    /// Events between two snapshots of an entity: reading so many takes about two milliseconds.
    package static let eventsPerSnapshot = 200
    /// A load that takes longer asks for a snapshot.
    package static let slowLoad = Duration.milliseconds(50)
    /// Events that must be behind a slow load for that: what takes so long with fewer is the database, which a snapshot would not help.
    package static let slowLoadEvents = 20
    /// Snapshots that wait to be stored, each with its state; what is beyond them is left out, so that they never take much memory.
    package static let snapshotsWaiting = 16
    /// Snapshots kept of a stream: the newest, and the one before it for a reader who is asked for a moment between the two.
    package static let snapshotsPerStream = 2
    /// Events read in one page when an entity is loaded.
    package static let eventsPerPage = 1000
    /// Routes of one trigger: each can start a run, so this bounds what one webhook can cause.
    package static let routesPerTrigger = 50
    /// Members and elements of one route's filter: each is looked for in every event of the trigger.
    package static let filterTerms = 500
    /// Source text of a workflow; beyond it a hostile source costs the compiler a gigabyte.
    package static let workflowSourceBytes = 256 << 10
    /// Bytes of arguments and results in one run's journal: it is read whole whenever the run is taken up, so beyond it the workflow is
    /// asked to split its work.
    package static let journalBytesPerRun = 10 << 20
    /// Bytes of a journal that are appended together. With one more entry, of the largest call and answer that there are, a batch stays well
    /// below what the log takes.
    package static let journalBytesPerBatch = 8 << 20
    /// A key of `fastn.state`; it is part of an index.
    package static let stateKeyBytes = 1024
    /// A value of `fastn.state`; it is read whole at every get.
    package static let stateValueBytes = 256 << 10
    /// Names, slugs and keys that users choose.
    package static let nameLength = 200
    /// Text of a description.
    package static let descriptionLength = 4000
    /// A secret's value: room for a private key with its chain.
    package static let secretBytes = 64 << 10
    /// Events between two versions of an entity that time travel remembers: reading so many takes about five milliseconds.
    package static let eventsPerWaypoint = 500
    /// Versions of entities that time travel remembers: some 60,000 events of history; a workflow of the largest size takes half a megabyte each.
    package static let rememberedWaypoints = 128
    /// Members of one collection whose setting events an answer names one by one: beyond it half a megabyte would be about provenance alone.
    package static let attributedMembers = 1000
    /// Rows in one page of a list.
    package static let pageRows = 200
}
