/// A type of the server that has a binary form here: its own object id and that of its arrays.
///
/// Source: `pg_type.dat` of PostgreSQL 15; ids below 10000 never change.
struct PostgresType: Sendable {
    let name: String
    let id: UInt32
    let arrayID: UInt32

    static let bool = PostgresType(name: "bool", id: 16, arrayID: 1000)
    static let bytea = PostgresType(name: "bytea", id: 17, arrayID: 1001)
    static let int8 = PostgresType(name: "int8", id: 20, arrayID: 1016)
    static let int2 = PostgresType(name: "int2", id: 21, arrayID: 1005)
    static let int4 = PostgresType(name: "int4", id: 23, arrayID: 1007)
    static let text = PostgresType(name: "text", id: 25, arrayID: 1009)
    static let double = PostgresType(name: "float8", id: 701, arrayID: 1022)
    static let date = PostgresType(name: "date", id: 1082, arrayID: 1182)
    static let timestamp = PostgresType(name: "timestamptz", id: 1184, arrayID: 1185)
    static let uuid = PostgresType(name: "uuid", id: 2950, arrayID: 2951)
    static let jsonb = PostgresType(name: "jsonb", id: 3802, arrayID: 3807)

    /// The id that leaves the type of a parameter to the server.
    static let inferredID: UInt32 = 0

    /// The first id given to types made by users; their binary form is not known here.
    static let firstUserTypeID: UInt32 = 16384

    /// `timestamp` without time zone; the server keeps it in the same form as `timestamptz`.
    static let plainTimestampID: UInt32 = 1114

    /// `json`, whose binary form is its text.
    static let jsonID: UInt32 = 114

    /// `"char"`, `name`, `json`, `unknown`, `bpchar`, `varchar` and `text`: their binary form is their characters.
    static let characterIDs: [UInt32] = [25, 1043, 19, jsonID, 1042, 705, 18]

    /// The arrays of `characterIDs`, except of `unknown`, which has none.
    static let characterArrayIDs: [UInt32] = [1009, 1015, 1003, 199, 1014, 1002]
}
