/// Rows for a log.
enum LogFiller {
    /// What lets appends go on behind them.
    static let heads = "insert into slice_log (slice, pos, last_at) select slice, max(pos), max(recorded_at) from events group by slice;"

    /// Enough rows that an index pays.
    static let script = """
        insert into events (slice, pos, era, tenant_id, stream_id, version, event_id, type, schema, recorded_at, epoch, meta, body, codec,
                            chain_hash)
          select n % 8, n / 8 + 1, '-infinity', gen_random_uuid(), gen_random_uuid(), 1, gen_random_uuid(), 'a.b', 1, now(), 1, '{}', '', 1, ''
          from generate_series(0, 9999) n;
        insert into jobs (slice, stream_id, tenant_id, kind, lane, due)
          select n % 8, gen_random_uuid(), gen_random_uuid(), 'run', n % 4 + 1, now() + n * interval '1 s' from generate_series(0, 9999) n;
        insert into inbox (slice, tenant_id, dedup_key, state, event_id, done_at)
          select n % 8, gen_random_uuid(), 'a', case when n % 100 = 0 then 0 else 2 end, gen_random_uuid(), now() - n * interval '1 min'
          from generate_series(0, 9999) n;
        insert into state_values (scope, key, tenant_id, value, expires_at)
          select gen_random_uuid(), 'a', gen_random_uuid(), '', now() + (n - 100) * interval '1 min' from generate_series(0, 9999) n;
        analyze;
        """
}
