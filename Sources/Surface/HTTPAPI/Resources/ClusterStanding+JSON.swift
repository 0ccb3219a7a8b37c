import EventSourcing
import Vocabulary

extension ClusterStanding {
    var nodesJSON: JSONValue {
        .array(
            nodes.map { node in
                [
                    "id": .id(node.id), "address": .string(node.address), "reachable": .bool(node.isReachable), "self": .bool(node.id == own),
                    "startedAt": .time(node.startedAt), "slices": .int(slices.count { $0.owner == node.id }),
                ]
            })
    }

    var slicesJSON: JSONValue {
        .array(
            slices.map {
                [
                    "slice": .int($0.slice.number), "region": .string($0.region.name), "owner": $0.owner.map { .id($0) } ?? .null,
                    "epoch": .int($0.epoch),
                    "head": .int($0.head), "lag": .int($0.lag),
                ]
            })
    }
}
