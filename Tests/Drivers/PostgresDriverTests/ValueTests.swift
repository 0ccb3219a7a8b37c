import PostgresDriver
import PostgresTestKit
import Testing

@Suite(.timeLimit(.minutes(2))) struct `Values on the wire` {
    /// One value, and the SQL that must be true of it as `$1`: what the server understood.
    struct Sample: CustomTestStringConvertible {
        let value: PostgresValue
        let claim: String
        var testDescription: String { claim }

        init(_ value: PostgresValue, _ claim: String) {
            self.value = value
            self.claim = claim
        }
    }

    static let uuid: UInt128 = 0x0190_0000_0000_7000_8000_0000_0000_00ff

    @Test(arguments: [
        Sample(.null, "$1::text is null"),
        Sample(.bool(true), "$1"),
        Sample(.bool(false), "not $1"),
        Sample(.int2(.min), "$1 = '-32768'::int2"),
        Sample(.int4(.max), "$1 = 2147483647"),
        Sample(.int8(.min), "$1 = '-9223372036854775808'::int8"),
        Sample(.double(-0.1), "$1 = '-0.1'::float8"),
        Sample(.double(.infinity), "$1 = 'infinity'::float8"),
        Sample(.text(""), "$1 = ''"),
        Sample(.text("Grüße, 世界 🌍"), "$1 = 'Grüße, 世界 🌍'"),
        Sample(.bytes([]), "$1 = ''::bytea"),
        Sample(.bytes([0, 1, 255]), "$1 = '\\x0001ff'::bytea"),
        Sample(.uuid(uuid), "$1 = '01900000-0000-7000-8000-0000000000ff'::uuid"),
        Sample(.timestamp(microsecondsSince1970: 1), "$1 = '1970-01-01 00:00:00.000001Z'::timestamptz"),
        Sample(.timestamp(microsecondsSince1970: .max), "$1 = 'infinity'::timestamptz"),
        Sample(.timestamp(microsecondsSince1970: .min), "$1 = '-infinity'::timestamptz"),
        Sample(.date(PostgresDate(daysSince2000: 8825)), "$1 = '2024-02-29'::date"),
        Sample(.date(PostgresDate(daysSince2000: -10_958)), "$1 = '1969-12-31'::date"),
        Sample(.date(.negativeInfinity), "$1 = '-infinity'::date"),
        Sample(.jsonb(Array(#"{"a": [1, null]}"#.utf8)), #"$1 = '{"a":[1,null]}'::jsonb"#),
        Sample(.bools([true, false]), "$1 = '{t,f}'::bool[]"),
        Sample(.int2s([1, -1]), "$1 = '{1,-1}'::int2[]"),
        Sample(.int4s([]), "$1 = '{}'::int4[]"),
        Sample(.int8s([1, .max]), "$1 = '{1,9223372036854775807}'::int8[]"),
        Sample(.texts(["", "a,\"b"]), #"$1 = array['', 'a,"b']"#),
        Sample(.bytesList([[], [0]]), "$1 = array[''::bytea, '\\x00']"),
        Sample(.uuids([uuid]), "$1 = '{01900000-0000-7000-8000-0000000000ff}'::uuid[]"),
        Sample(.timestamps([0]), "$1 = '{1970-01-01Z}'::timestamptz[]"),
        Sample(.dates([PostgresDate(daysSince2000: 0), PostgresDate(daysSince2000: .max)]), "$1 = '{2000-01-01,infinity}'::date[]"),
        Sample(.jsonbs([Array("1".utf8), Array("[]".utf8)]), "$1 = array['1'::jsonb, '[]']"),
        Sample(.optionalInt4s([1, nil]), "$1 = '{1,null}'::int4[]"),
        Sample(.optionalInt8s([nil]), "$1 = '{null}'::int8[]"),
        Sample(.optionalTexts([nil, ""]), "$1 = array[null, '']"),
        Sample(.optionalBytesList([nil, [1]]), "$1 = array[null, '\\x01'::bytea]"),
        Sample(.optionalUUIDs([nil]), "$1 = array[null]::uuid[]"),
        Sample(.optionalTimestamps([nil, 0]), "$1 = array[null, '1970-01-01Z'::timestamptz]"),
    ])
    func `a parameter means to the server what it means here`(_ sample: Sample) async throws {
        try await withTestPool { pool in
            try await #expect(pool.query("select \(sample.claim)", [sample.value])[0].bool(0))
        }
    }

    @Test func `a column of each type is read as it was written`() async throws {
        try await withTestPool { pool in
            let row = try await pool.query(
                """
                select true, 2::int2, 3, 4::int8, 0.5::float8, 'five', '\\x06'::bytea, '01900000-0000-7000-8000-0000000000ff'::uuid,
                    '1970-01-01 00:00:01Z'::timestamptz, '1999-12-31'::date, '{"a":1}'::jsonb
                """)[0]
            #expect(try row.bool(0))
            #expect(try row.int2(1) == 2)
            #expect(try row.int4(2) == 3)
            #expect(try row.int8(3) == 4)
            #expect(try row.double(4) == 0.5)
            #expect(try row.text(5) == "five")
            #expect(try row.bytes(6) == [6])
            #expect(try row.uuid(7) == Self.uuid)
            #expect(try row.timestamp(8) == 1_000_000)
            #expect(try row.date(9) == PostgresDate(daysSince2000: -1))
            #expect(try row.jsonb(10) == Array(#"{"a": 1}"#.utf8))
        }
    }

    @Test func `NULL of each type is nil`() async throws {
        try await withTestPool { pool in
            let row = try await pool.query(
                """
                select null::int4, null::int8, null::text, null::bytea, null::uuid, null::timestamptz, null::jsonb
                """)[0]
            #expect(try row.optionalInt4(0) == nil)
            #expect(try row.optionalInt8(1) == nil)
            #expect(try row.optionalText(2) == nil)
            #expect(try row.optionalBytes(3) == nil)
            #expect(try row.optionalUUID(4) == nil)
            #expect(try row.optionalTimestamp(5) == nil)
            #expect(try row.optionalJSONB(6) == nil)
        }
    }

    @Test func `arrays are read as they were written`() async throws {
        try await withTestPool { pool in
            let parameters: [PostgresValue] = [
                .bools([true]), .int2s([1]), .int4s([]), .int8s([3, 4]), .texts(["a", ""]), .bytesList([[], [7]]),
                .uuids([Self.uuid]), .timestamps([.min, 8, .max]), .dates([.negativeInfinity]), .jsonbs([Array("9".utf8)]),
            ]
            let columns = (1...parameters.count).map { "$\($0)" }.joined(separator: ", ")
            let row = try await pool.query("select \(columns)", parameters)[0]
            #expect(try row.bools(0) == [true])
            #expect(try row.int2s(1) == [1])
            #expect(try row.int4s(2) == [])
            #expect(try row.int8s(3) == [3, 4])
            #expect(try row.texts(4) == ["a", ""])
            #expect(try row.bytesList(5) == [[], [7]])
            #expect(try row.uuids(6) == [Self.uuid])
            #expect(try row.timestamps(7) == [.min, 8, .max])
            #expect(try row.dates(8) == [.negativeInfinity])
            #expect(try row.jsonbs(9) == [Array("9".utf8)])
        }
    }

    @Test func `arrays with NULLs are read as they were written`() async throws {
        try await withTestPool { pool in
            let parameters: [PostgresValue] = [
                .optionalInt4s([2, nil]), .optionalInt8s([nil]), .optionalTexts([nil, ""]), .optionalBytesList([nil, []]),
                .optionalUUIDs([nil, 3]), .optionalTimestamps([nil, 4]),
            ]
            let columns = (1...parameters.count).map { "$\($0)" }.joined(separator: ", ")
            let row = try await pool.query("select \(columns)", parameters)[0]
            #expect(try row.optionalInt4s(0) == [2, nil])
            #expect(try row.optionalInt8s(1) == [nil])
            #expect(try row.optionalTexts(2) == [nil, ""])
            #expect(try row.optionalBytesList(3) == [nil, []])
            #expect(try row.optionalUUIDs(4) == [nil, 3])
            #expect(try row.optionalTimestamps(5) == [nil, 4])
        }
    }

    @Test func `text is read from every type that looks like text`() async throws {
        try await withTestPool { pool in
            try await pool.script("create type mood as enum ('calm')")
            let row = try await pool.query(#"select 'a'::varchar, 'b'::name, '{"c": 1}'::json, 'calm'::mood, 'd'::char(1), array['calm'::mood]"#)[0]
            let texts = try (0..<5).map { try row.text($0) }
            #expect(texts == ["a", "b", #"{"c": 1}"#, "calm", "d"])
            #expect(try row.texts(5) == ["calm"])
        }
    }

    @Test func `bytes larger than any socket buffer come back as they were`() async throws {
        let bytes = (0..<(8 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try await withTestPool { pool in
            try await #expect(pool.query("select $1", [.bytes(bytes)])[0].bytes(0) == bytes)
        }
    }
}

@Suite(.timeLimit(.minutes(2))) struct `Values that cannot be` {
    @Test func `text with a NUL is refused by its index before anything is sent`() async throws {
        try await withTestPool { pool in
            let error = await failure { try await pool.query("select $1, $2", [.int4(1), .texts(["a\0b"])]) }
            #expect(error?.code == .invalidParameter(index: 1))
            #expect(pool.status.open == 0)
        }
    }

    @Test func `a column read as another type is a decoding error`() async throws {
        try await withTestPool { pool in
            let row = try await pool.query("select 1, null::text, array[1, null], array[[1], [2]]")[0]
            #expect(blockingFailure { try row.int8(0) }?.code == .decoding(column: 0))
            #expect(blockingFailure { try row.text(0) }?.code == .decoding(column: 0))
            #expect(blockingFailure { try row.int4s(0) }?.code == .decoding(column: 0))
            #expect(blockingFailure { try row.text(1) }?.code == .decoding(column: 1))
            #expect(blockingFailure { try row.int4s(2) }?.code == .decoding(column: 2))
            #expect(blockingFailure { try row.int4s(3) }?.code == .decoding(column: 3))
            #expect(blockingFailure { try row.int4(4) }?.code == .decoding(column: 4))
        }
    }
}
