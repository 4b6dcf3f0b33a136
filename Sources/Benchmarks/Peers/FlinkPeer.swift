// Flink of PyPI (scripts/setup --bench) with the JDK of Debian: one process runs all queries over rows that lie in its memory as Flink's own RowData, one slot,
// objects reused, into a black hole. The time is from the first row that a source hands out to the end of the job; the best of some runs counts.
internal import Base
internal import Foundation

struct FlinkPeer {
    private static let opens = ["java.lang", "java.util", "java.time", "java.util.concurrent"].flatMap { ["--add-opens", "java.base/\($0)=ALL-UNNAMED"] }
    private let classPath: String
    private let folder: String

    /// nil, and said so, where it is not installed.
    init?(_ context: BenchContext, folder: String) {
        let root = FileManager.default.currentDirectoryPath + "/.deps/venv-bench/lib"
        let found = (try? FileManager.default.contentsOfDirectory(atPath: root))?.map { "\(root)/\($0)/site-packages/pyflink/lib" }
            .first { FileManager.default.fileExists(atPath: $0) }
        guard let found, FileManager.default.isExecutableFile(atPath: "/usr/bin/javac") else {
            context.progress("LEFT OUT: Flink is not installed; scripts/setup --bench does that")
            return nil
        }
        (classPath, self.folder) = ("\(found)/*", folder)
        do {
            try Self.program.write(toFile: "\(folder)/FlinkPeer.java", atomically: true, encoding: .utf8)
            _ = try ChildProcess.output("/usr/bin/javac", ["-nowarn", "-cp", classPath, "-d", "\(folder)/classes", "\(folder)/FlinkPeer.java"], folder: folder)
        } catch {
            context.progress("LEFT OUT: Flink's program does not compile: \(error)")
            return nil
        }
    }

    /// Seconds each query took; less than 0 where it failed. `folder` holds NAME.tsv of each relation.
    func run(_ queries: [(name: String, sql: String)], rounds: Int) throws -> [String: Double] {
        let list = "\(folder)/queries.tsv"
        try queries.map { "\($0.name)\t\($0.sql)\n" }.joined().write(toFile: list, atomically: true, encoding: .utf8)
        let output = try ChildProcess.output(
            "/usr/bin/java", ["-Xmx4g"] + Self.opens + ["-cp", "\(folder)/classes:\(classPath)", "FlinkPeer", folder, list, "\(rounds)"], folder: folder)
        guard let line = output.split(separator: "\n").last(where: { $0.hasPrefix("{") }),
            let numbers = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Double]
        else { throw LeibrixError(.internal, "Flink printed no figures", detail: String(output.suffix(400))) }
        return numbers
    }

    private static let program = #"""
        import java.io.*;
        import java.nio.charset.StandardCharsets;
        import java.nio.file.*;
        import java.util.*;
        import org.apache.flink.configuration.*;
        import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
        import org.apache.flink.streaming.api.functions.source.legacy.SourceFunction;
        import org.apache.flink.table.api.*;
        import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
        import org.apache.flink.table.data.*;
        import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
        import org.apache.flink.table.types.logical.*;

        public class FlinkPeer {
            static final Map<String, RowData[]> ROWS = new HashMap<>();
            static volatile long first;

            static class Source implements SourceFunction<RowData> {
                final String name;
                volatile boolean running = true;
                Source(String name) { this.name = name; }
                public void run(SourceContext<RowData> context) {
                    if (first == 0) first = System.nanoTime();
                    for (RowData row : ROWS.get(name)) {
                        if (!running) return;
                        synchronized (context.getCheckpointLock()) { context.collect(row); }
                    }
                }
                public void cancel() { running = false; }
            }

            // name of a relation, then its columns as name:type (l long, s text, t milliseconds)
            static final String[][] RELATIONS = {
                {"bid", "auction:l", "bidder:l", "price:l", "channel:s", "url:s", "ts:t", "extra:s"},
                {"auction", "id:l", "item:s", "initial:l", "reserve:l", "ts:t", "expires:t", "seller:l", "category:l"},
                {"person", "id:l", "name:s", "email:s", "city:s", "state:s", "ts:t"},
            };

            static RowData[] load(String path, String[] relation) throws IOException {
                List<RowData> rows = new ArrayList<>();
                try (BufferedReader reader = Files.newBufferedReader(Paths.get(path), StandardCharsets.UTF_8)) {
                    for (String line; (line = reader.readLine()) != null;) {
                        String[] parts = line.split("\t", -1);
                        GenericRowData row = new GenericRowData(parts.length);
                        for (int i = 0; i < parts.length; i++) {
                            char kind = relation[i + 1].charAt(relation[i + 1].length() - 1);
                            row.setField(i, kind == 'l' ? (Object) Long.valueOf(parts[i]) : kind == 't' ? TimestampData.fromEpochMillis(Long.parseLong(parts[i])) : StringData.fromString(parts[i]));
                        }
                        rows.add(row);
                    }
                }
                return rows.toArray(new RowData[0]);
            }

            // folder with NAME.tsv, a file of lines "query<TAB>sql", rounds
            public static void main(String[] args) throws Exception {
                for (String[] relation : RELATIONS) ROWS.put(relation[0], load(args[0] + "/" + relation[0] + ".tsv", relation));
                StringBuilder json = new StringBuilder("{");
                for (String line : Files.readAllLines(Paths.get(args[1]))) {
                    String[] parts = line.split("\t", 2);
                    double best = 0;
                    for (int round = 0; round < Integer.parseInt(args[2]); round++) {
                        try {
                            best = best == 0 ? run(parts[1]) : Math.min(best, run(parts[1]));
                        } catch (Exception e) {
                            Throwable t = e;
                            while (t.getCause() != null) t = t.getCause();
                            System.out.println(parts[0] + ": " + t);
                            best = -1;
                            break;
                        }
                    }
                    if (json.length() > 1) json.append(", ");
                    json.append("\"").append(parts[0]).append("\": ").append(best);
                    System.out.println(parts[0] + " " + best);
                    System.out.flush();
                }
                System.out.println(json.append("}"));
                System.out.flush();
                System.exit(0);
            }

            static double run(String sql) throws Exception {
                Configuration settings = new Configuration();
                settings.setString("taskmanager.numberOfTaskSlots", "1");
                settings.setString("pipeline.object-reuse", "true");
                StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(1, settings);
                StreamTableEnvironment tables = StreamTableEnvironment.create(env);
                for (String[] relation : RELATIONS) {
                    int count = relation.length - 1;
                    LogicalType[] types = new LogicalType[count];
                    String[] names = new String[count];
                    Schema.Builder schema = Schema.newBuilder();
                    for (int i = 0; i < count; i++) {
                        String[] parts = relation[i + 1].split(":");
                        names[i] = parts[0];
                        types[i] = parts[1].equals("l") ? new BigIntType() : parts[1].equals("t") ? new TimestampType(3) : new VarCharType(VarCharType.MAX_LENGTH);
                        schema.column(names[i], parts[1].equals("l") ? DataTypes.BIGINT() : parts[1].equals("t") ? DataTypes.TIMESTAMP(3) : DataTypes.STRING());
                    }
                    schema.watermark("ts", "ts");
                    InternalTypeInfo<RowData> info = InternalTypeInfo.of(RowType.of(types, names));
                    tables.createTemporaryView(relation[0], env.addSource(new Source(relation[0]), relation[0], info), schema.build());
                }
                first = 0;
                tables.createTemporaryView("answer", tables.sqlQuery(sql));
                Schema.Builder schema = Schema.newBuilder();
                for (org.apache.flink.table.catalog.Column column : tables.from("answer").getResolvedSchema().getColumns()) {
                    LogicalType type = column.getDataType().getLogicalType();
                    schema.column(column.getName(), type instanceof TimestampType ? DataTypes.TIMESTAMP(3) : column.getDataType());
                }
                tables.createTemporaryTable("hole", TableDescriptor.forConnector("blackhole").schema(schema.build()).build());
                tables.executeSql("INSERT INTO hole SELECT * FROM answer").await();
                return (System.nanoTime() - first) / 1e9;
            }
        }
        """#
}
