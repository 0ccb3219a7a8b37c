import Testing
import Vocabulary

@Suite struct `A JSON number` {
    /// Spellings of one value stand in one row; no two rows are equal.
    static let values: [[String]] = [
        ["0", "-0", "0.0", "-0.0", "0e5", "0E-99", "0e99999999999999999999"],
        ["1", "1.0", "1e0", "1E0", "10e-1", "0.1e1", "0.01E+2", "1.000000000000000000000000"],
        ["-1", "-1.0", "-10e-1"],
        ["10", "1e1", "1E+1", "10.0", "100e-1"],
        ["0.1", "1e-1", "0.10", "0.01e1"],
        ["0.1000000000000000000000000000001"],
        ["9007199254740992", "9007199254740992.0", "9.007199254740992e15"],
        ["9007199254740993", "9007199254740993.0", "9.007199254740993e15"],
        ["9223372036854775807", "9223372036854775807.0"],
        ["9223372036854775808"],
        ["100000000000000000000000000000", "1e29", "1.0E29"],
        ["100000000000000000000000000001"],
        ["1e400", "10e399", "1E+400"],
        ["1e401"],
        ["1e-400", "0.1e-399"],
        ["1e99999999999999999999"],
        ["1e99999999999999999998"],
    ]

    @Test(arguments: values) func `equals every spelling of its value`(spellings: [String]) {
        for left in spellings {
            for right in spellings {
                let pair = (JSONNumber(text: left), JSONNumber(text: right))
                #expect(pair.0 == pair.1, "\(left) and \(right)")
                #expect(pair.0.hashValue == pair.1.hashValue, "\(left) and \(right)")
            }
        }
    }

    @Test func `differs from every other value, however near`() {
        for (row, left) in Self.values.enumerated() {
            for (column, right) in Self.values.enumerated() where row != column {
                for (a, b) in left.flatMap({ a in right.map { (a, $0) } }) {
                    #expect(JSONNumber(text: a) != JSONNumber(text: b), "\(a) and \(b)")
                }
            }
        }
    }

    @Test func `keeps its spelling`() {
        #expect(JSONNumber(text: "1.50").text == "1.50")
    }
}
