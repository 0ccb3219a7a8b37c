import Domain
import EventSourcing
import PostgresDriver
import Vocabulary

/// What a batch adds to the days, and which runs it leaves open.
struct UsageFold {
    /// A run that has not ended.
    struct OpenRun {
        let tenant: TenantID
        let space: SpaceID
        /// When its current attempt began; nil while nobody works on it.
        var workingSince: Timestamp?
    }

    private struct Day: Hashable {
        let tenant: TenantID
        let day: CalendarDay
    }

    private struct Amount {
        let space: SpaceID
        var events: Int64 = 0
        var executions: Int64 = 0
        var microseconds: Int64 = 0
        var position: LogPosition
    }

    private var runs: [RunID: OpenRun]
    private let known: Set<RunID>
    private var changed: Set<RunID> = []
    private var ended: Set<RunID> = []
    private var amounts: [Day: Amount] = [:]

    init(known: [RunID: OpenRun]) {
        runs = known
        self.known = Set(known.keys)
    }

    mutating func receive(_ received: ReceivedEvent, _ event: RecordedEvent) {
        add(to: event.address.tenant, of: received.space, event) { $0.events += 1 }
    }

    mutating func apply(_ happened: RunEvent, _ event: RecordedEvent) {
        let id: RunID = event.address.stream.recast()
        if case .requested(let request) = happened {
            runs[id] = OpenRun(tenant: event.address.tenant, space: request.space, workingSince: nil)
            changed.insert(id)
        }
        // Not there: it has ended before, and what comes later costs nothing.
        guard let run = runs[id] else { return }
        switch happened {
        case .started(let attempt):
            if attempt.number == 1, run.workingSince == nil { add(to: run.tenant, of: run.space, event) { $0.executions += 1 } }
            // A repeated begin of an attempt, after its executor died, is still the same attempt.
            runs[id]?.workingSince = run.workingSince ?? attempt.at
            changed.insert(id)
        case .retryScheduled, .parked, .completed, .failed, .timedOut, .cancelled: stop(run, id, event, isEnd: happened.isEnd)
        case .requested, .callScheduled, .callCompleted, .logged, .cancelRequested: break
        }
    }

    private mutating func stop(_ run: OpenRun, _ id: RunID, _ event: RecordedEvent, isEnd: Bool) {
        if let since = run.workingSince {
            // The sandbox's clock and the database's may differ by more than a short run takes.
            let worked = max(0, (event.recordedAt - since).microseconds)
            add(to: run.tenant, of: run.space, event) { $0.microseconds += worked }
        }
        runs[id]?.workingSince = nil
        changed.insert(id)
        if isEnd {
            runs[id] = nil
            ended.insert(id)
        }
    }

    private mutating func add(to tenant: TenantID, of space: SpaceID, _ event: RecordedEvent, _ change: (inout Amount) -> Void) {
        let day = Day(tenant: tenant, day: event.recordedAt.day)
        var amount = amounts[day] ?? Amount(space: space, position: event.position)
        change(&amount)
        amount.position = event.position
        amounts[day] = amount
    }
}

extension UsageFold {
    /// The days, the runs that stay open, and those that no longer are.
    var statements: [PostgresStatement] {
        let gone = known.intersection(ended)
        let open = changed.subtracting(ended).sorted().compactMap { id in runs[id].map { (id: id, run: $0) } }
        return [
            amounts.isEmpty ? nil : Self.add(amounts),
            open.isEmpty
                ? nil
                : PostgresStatement(
                    """
                    insert into usage_runs (run_id, tenant_id, space_id, working_since) select * from unnest($1, $2, $3, $4)
                    on conflict (run_id) do update set working_since = excluded.working_since
                    """, [.ids(open.map(\.id)), .ids(open.map(\.run.tenant)), .ids(open.map(\.run.space)), .times(open.map(\.run.workingSince))]),
            gone.isEmpty ? nil : PostgresStatement("delete from usage_runs where run_id = any($1)", [.ids(gone.sorted())]),
        ].compactMap { $0 }
    }

    private static func add(_ amounts: [Day: Amount]) -> PostgresStatement {
        let (days, amounts) = (amounts.map(\.key), amounts.map(\.value))
        return PostgresStatement(
            """
            insert into usage_daily (tenant_id, space_id, day, events, executions, run_seconds, slice, pos)
            select u.tenant_id, u.space_id, u.day, u.events, u.executions, u.microseconds / 1000000.0, u.slice, u.pos
            from unnest($1, $2, $3, $4, $5, $6, $7, $8) as u(tenant_id, space_id, day, events, executions, microseconds, slice, pos)
            on conflict (tenant_id, day) do update set events = usage_daily.events + excluded.events,
                executions = usage_daily.executions + excluded.executions, run_seconds = usage_daily.run_seconds + excluded.run_seconds,
                slice = excluded.slice, pos = excluded.pos
            """,
            [
                .ids(days.map(\.tenant)), .ids(amounts.map(\.space)), .dates(days.map { PostgresDate($0.day) }), .int8s(amounts.map(\.events)),
                .int8s(amounts.map(\.executions)), .int8s(amounts.map(\.microseconds)), .slices(amounts.map(\.position)),
                .positions(amounts.map(\.position)),
            ])
    }
}

extension PostgresDate {
    /// The same day; Postgres counts from 2000-01-01, which is day 10,957 after 1970-01-01.
    init(_ day: CalendarDay) { self.init(daysSince2000: Int32(clamping: day.daysSince1970 - 10_957)) }

    var day: CalendarDay { CalendarDay(daysSince1970: Int64(daysSince2000) + 10_957) }
}
