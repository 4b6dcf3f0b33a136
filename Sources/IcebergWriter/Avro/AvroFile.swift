// Avro's object container (Apache Avro 1.11 specification, "Object Container Files"), codec null, one block:
//
//   "Obj" 1 | map of metadata (avro.schema, avro.codec, the writer's own) | 16-byte sync marker
//   long objects in the block | long bytes | the objects | the sync marker again
internal import Base
internal import Platform

enum AvroFile {
    /// The whole file. `records` are encoded objects, in order.
    static func bytes(schema: JSON, metadata: [(name: String, value: String)], records: [[UInt8]]) -> [UInt8] {
        let marker = Random.bytes(16)
        var file = AvroEncoder()
        file.raw([0x4F, 0x62, 0x6A, 1])
        file.array([("avro.schema", schema.text()), ("avro.codec", "null")] + metadata.map { ($0.name, $0.value) }) { file, entry in
            file.string(entry.0)
            file.string(entry.1)
        }
        file.raw(marker)
        guard !records.isEmpty else { return file.bytes }
        file.int(records.count)
        file.int(records.reduce(0) { $0 + $1.count })
        for record in records { file.raw(record) }
        file.raw(marker)
        return file.bytes
    }
}
