import Vocabulary

extension FieldChange {
    /// What differs between two documents of one entity, nil standing for none. `touched` is the last event that changed each pointer
    /// meanwhile: what was removed is in neither document with the event that did it.
    static func between(_ before: EntityDocument?, _ after: EntityDocument?, _ touched: [String: EventStamp]) -> [FieldChange] {
        guard let fields = after?.fields ?? before?.fields else { return [] }
        return fields.flatMap { between(before?.field($0.name), after?.field($0.name), touched) }
    }

    private static func between(_ old: DocumentField?, _ new: DocumentField?, _ touched: [String: EventStamp]) -> [FieldChange] {
        switch (old, new) {
        case (let old?, let new?): return between(old, new, touched)
        case (nil, let new?): return [FieldChange(pointer: new.pointer, before: nil, after: new.value, setBy: new.setBy)]
        case (let old?, nil):
            return touched[old.pointer].map { [FieldChange(pointer: old.pointer, before: old.value, after: nil, setBy: $0)] } ?? []
        case (nil, nil): return []
        }
    }

    private static func between(_ old: DocumentField, _ new: DocumentField, _ touched: [String: EventStamp]) -> [FieldChange] {
        guard old.setBy.version != new.setBy.version, old.value != new.value else { return [] }
        guard !old.members.isEmpty, !new.members.isEmpty else {
            return [FieldChange(pointer: new.pointer, before: old.value, after: new.value, setBy: new.setBy)]
        }
        let changes = members(old, new, touched)
        // So many are told as the one change that they are together.
        if changes.count > Limits.attributedMembers {
            return [FieldChange(pointer: new.pointer, before: old.value, after: new.value, setBy: new.setBy)]
        }
        return changes
    }

    private static func members(_ old: DocumentField, _ new: DocumentField, _ touched: [String: EventStamp]) -> [FieldChange] {
        let before = Dictionary(old.members.map { ($0.key, $0) }, uniquingKeysWith: { $1 })
        let kept = Set(new.members.map(\.key))
        let removed = old.members.filter { !kept.contains($0.key) }.compactMap { member in
            touched[old.pointer(to: member)].map { FieldChange(pointer: old.pointer(to: member), before: member.value, after: nil, setBy: $0) }
        }
        return removed + new.members.compactMap { member in
            let was = before[member.key]
            guard was?.setBy.version != member.setBy.version, was?.value != member.value else { return nil }
            return FieldChange(pointer: new.pointer(to: member), before: was?.value, after: member.value, setBy: member.setBy)
        }
    }
}
