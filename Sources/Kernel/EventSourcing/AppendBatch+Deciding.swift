package import Vocabulary

extension AppendBatch {
    /// The batch of one command, decided on a state that is known without reading the log.
    ///
    /// For streams with one writer whose whole past its caller holds. If the past was another, the append answers `conflict`.
    package static func deciding<D: Decider>(
        _: D.Type, _ command: D.Command, on state: D.State, at version: StreamVersion, of address: StreamAddress, _ envelope: CommandEnvelope,
        ids: any IDSource
    ) throws(D.Refusal) -> AppendBatch {
        let draft = Draft<D>(
            of: [Letter(command: command, envelope: envelope)], on: Folded(state: state, version: version), address: address, ids: ids)
        if case .refused(let refusal)? = draft.verdicts.first { throw refusal }
        return draft.batch
    }
}

extension StreamAddress {
    /// Where an entity is that lives for a short time, such as a run: in the partition of the month in its id.
    package static func monthly<D: Decider, S>(_: D.Type, _ id: Identifier<S>, in tenant: TenantID) -> StreamAddress {
        StreamAddress(tenant: tenant, stream: id.recast(), category: D.category, era: .month(of: id))
    }
}
