/// Where every slice's head is: the newest row of `slice_log`, found by one look into its index for each slice.
enum SliceHeadsQuery {
    static let sql = """
        select head.slice, (select logged.pos from slice_log logged where logged.slice = head.slice order by logged.pos desc limit 1)
        from slice_head head
        """
}
