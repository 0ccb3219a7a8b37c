package import Vocabulary

/// The keys of several databases as one: a tenant's lie beside what they encrypt.
package struct RegionalKeys: DataKeys {
    private let keys: BySlice<any DataKeys>

    package init(_ keys: BySlice<any DataKeys>) { self.keys = keys }

    package func subject(_ value: String, of tenant: TenantID) throws(EventStoreError) -> DataSubjectID {
        try keys[tenant].subject(value, of: tenant)
    }

    package func current(_ subject: DataSubjectID?, of tenant: TenantID) async throws(EventStoreError) -> DataKeyID? {
        try await keys[tenant].current(subject, of: tenant)
    }

    package func newest(_ subject: DataSubjectID?, of tenant: TenantID) async throws(EventStoreError) -> DataKey? {
        try await keys[tenant].newest(subject, of: tenant)
    }

    package func destroy(_ key: DataKeyID, of tenant: TenantID) async throws(EventStoreError) -> DataKey? {
        try await keys[tenant].destroy(key, of: tenant)
    }
}
