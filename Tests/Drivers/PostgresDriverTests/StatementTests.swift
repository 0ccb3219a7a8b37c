import PostgresDriver
import PostgresTestKit
import Testing

@Suite(.timeLimit(.minutes(2))) struct `Statements of a pool` {
    static let schema = "create table person (id int4 primary key, email text, constraint person_email unique (email))"

    @Test func `the rows of a select come in order`() async throws {
        try await withTestPool { pool in
            let rows = try await pool.query("select n from generate_series(1, $1) n", [.int4(1000)])
            let numbers = try rows.map { try $0.int4(0) }
            #expect(numbers == Array(1...1000))
        }
    }

    @Test func `a change says how many rows it touched`() async throws {
        try await withTestPool(schema: Self.schema) { pool in
            try await #expect(pool.query("insert into person select generate_series(1, 3)").affectedRowCount == 3)
        }
    }

    @Test func `a refused statement names SQLSTATE and constraint but no value`() async throws {
        try await withTestPool(schema: Self.schema) { pool in
            let insert = "insert into person values ($1, $2)"
            _ = try await pool.query(insert, [.int4(1), .text("secret@example.org")])
            let error = try #require(await failure { try await pool.query(insert, [.int4(2), .text("secret@example.org")]) })
            #expect(error.code == .server(sqlState: "23505", constraint: "person_email"))
            #expect(!error.description.contains("secret"))
            #expect(error.debugDescription.contains("secret"))
        }
    }

    @Test func `after a refused statement the connection serves the next`() async throws {
        try await withTestPool(connectionLimit: 1) { pool in
            let before = try await backend(of: pool)
            #expect(await failure { try await pool.query("select 1 / 0") }?.sqlState == "22012")
            #expect(await failure { try await pool.query("no SQL") }?.sqlState == "42601")
            #expect(try await backend(of: pool) == before)
        }
    }

    @Test func `statements of one trip are one transaction`() async throws {
        try await withTestPool(schema: Self.schema) { pool in
            let insert = "insert into person values ($1)"
            let error = await failure {
                try await pool.queries([PostgresStatement(insert, [.int4(1)]), PostgresStatement(insert, [.int4(1)]), PostgresStatement("select 1")])
            }
            #expect(error?.constraint == "person_pkey")
            let answers = try await pool.queries([
                PostgresStatement("select count(*) from person"), PostgresStatement(insert, [.int4(1)]),
                PostgresStatement("select count(*) from person"),
            ])
            #expect(try answers[0][0].int8(0) == 0)
            #expect(try answers[2][0].int8(0) == 1)
        }
    }

    @Test func `a setting of a statement is gone after it`() async throws {
        try await withTestPool(connectionLimit: 1) { pool in
            let read = "select coalesce(current_setting('app.tenant', true), '')"
            try await #expect(pool.query(read, settings: ["app.tenant": "a'b"])[0].text(0) == "a'b")
            try await #expect(pool.query(read)[0].text(0) == "")
        }
    }

    @Test func `a script runs many statements and all or none of them`() async throws {
        try await withTestPool { pool in
            try await pool.script("create table a (); create table b ();")
            let error = await failure { try await pool.script("create table c (); create table a ();") }
            #expect(error?.sqlState == "42P07")
            #expect(try await pool.query("select to_regclass('b') is not null and to_regclass('c') is null")[0].bool(0))
        }
    }

    @Test func `a COPY is refused and the next statement served`() async throws {
        try await withTestPool(connectionLimit: 1) { pool in
            #expect(await failure { try await pool.query("copy (select 1) to stdout") }?.code == .invalidUse)
            #expect(await failure { try await pool.script("copy (select 1) to stdout") }?.code == .invalidUse)
            try await #expect(pool.query("select 1").count == 1)
        }
    }

    @Test func `a connection keeps a bounded number of prepared statements`() async throws {
        try await withTestPool(connectionLimit: 1) { pool in
            for number in 0..<300 { _ = try await pool.query("select \(number)") }
            #expect(try await pool.query("select count(*) from pg_prepared_statements")[0].int8(0) <= 256)
            #expect(try await pool.query("select 0")[0].int4(0) == 0)
        }
    }

    @Test func `a statement whose table has changed works again after one refusal`() async throws {
        try await withTestPool(schema: Self.schema, connectionLimit: 1) { pool in
            #expect(try await pool.query("select * from person").columnCount == 2)
            try await pool.script("alter table person add age int4")
            #expect(await failure { try await pool.query("select * from person") }?.sqlState == "0A000")
            #expect(try await pool.query("select * from person").columnCount == 3)
        }
    }

    @Test func `each connection takes the role and settings of the configuration`() async throws {
        try await withTestDatabase(schema: "do $$ begin create role reader; exception when duplicate_object then null; end $$") { database in
            let configuration = database.configuration(role: "reader", settings: ["work_mem": "8MB"], statementTimeout: .seconds(3))
            let pool = PostgresPool(configuration: configuration)
            try await withRunning(pool) {
                let row = try await pool.query("select current_user, current_setting('work_mem'), current_setting('statement_timeout')")[0]
                let texts = try (0..<3).map { try row.text($0) }
                #expect(texts == ["reader", "8MB", "3s"])
            }
        }
    }
}
