import java.math.BigDecimal;
import java.sql.*;

/** pgjdbc writing: batches, generated keys, transactions, savepoints, COPY, result sets that are updated. */
public class TablesJdbc {
    static int passed = 0, failed = 0;

    interface Body { void run() throws Exception; }

    static void check(String name, Body body) {
        try {
            body.run();
            passed++;
            System.out.println("ok   " + name);
        } catch (Throwable error) {
            failed++;
            System.out.println("FAIL " + name + ": " + error);
        }
    }

    static void equal(Object got, Object want) {
        if (got == null ? want != null : !got.equals(want)) throw new AssertionError("expected " + want + ", got " + got);
    }

    public static void main(String[] arguments) throws Exception {
        String url = "jdbc:postgresql://127.0.0.1:" + arguments[0] + "/leibrix?user=admin";
        try (Connection c = DriverManager.getConnection(url); Statement s = c.createStatement()) {
            s.execute("CREATE TABLE jd (id bigserial PRIMARY KEY, name text NOT NULL, price numeric(10,2), made timestamp, tags text[])");
            check("batch", () -> {
                try (PreparedStatement p = c.prepareStatement("INSERT INTO jd (name, price, made, tags) VALUES (?, ?, ?, ?)")) {
                    for (int i = 0; i < 250; i++) {
                        p.setString(1, "n" + i);
                        p.setBigDecimal(2, new BigDecimal(i).movePointLeft(1));
                        p.setTimestamp(3, Timestamp.valueOf("2024-01-01 10:00:00"));
                        p.setArray(4, c.createArrayOf("text", new String[] {"a", null}));
                        p.addBatch();
                    }
                    equal(p.executeBatch().length, 250);
                }
                ResultSet r = s.executeQuery("SELECT count(*), sum(price) FROM jd");
                r.next();
                equal(r.getLong(1), 250L);
                equal(r.getBigDecimal(2), new BigDecimal("3112.50"));
            });
            check("rewritten batch", () -> {
                try (Connection d = DriverManager.getConnection(url + "&reWriteBatchedInserts=true"); PreparedStatement p = d.prepareStatement("INSERT INTO jd (name) VALUES (?)")) {
                    for (int i = 0; i < 100; i++) {
                        p.setString(1, "r" + i);
                        p.addBatch();
                    }
                    equal(p.executeBatch().length, 100);
                }
            });
            check("generated keys", () -> {
                try (PreparedStatement p = c.prepareStatement("INSERT INTO jd (name) VALUES (?)", Statement.RETURN_GENERATED_KEYS)) {
                    p.setString(1, "k");
                    equal(p.executeUpdate(), 1);
                    ResultSet keys = p.getGeneratedKeys();
                    equal(keys.next(), true);
                    equal(keys.getLong("id"), 351L);
                    equal(keys.getString("name"), "k");
                }
                try (PreparedStatement p = c.prepareStatement("INSERT INTO jd (name) VALUES (?)", new String[] {"id"})) {
                    p.setString(1, "l");
                    p.executeUpdate();
                    ResultSet keys = p.getGeneratedKeys();
                    keys.next();
                    equal(keys.getLong(1), 352L);
                }
            });
            check("transactions", () -> {
                c.setAutoCommit(false);
                s.executeUpdate("DELETE FROM jd WHERE id > 300");
                Savepoint save = c.setSavepoint();
                try {
                    s.executeUpdate("INSERT INTO jd (id, name) VALUES (1, 'again')");
                    throw new AssertionError("no error");
                } catch (SQLException error) {
                    equal(error.getSQLState(), "23505");
                    c.rollback(save);
                }
                equal(s.executeUpdate("UPDATE jd SET price = 1 WHERE id <= 3"), 3);
                c.commit();
                s.executeUpdate("DELETE FROM jd");
                c.rollback();
                c.setAutoCommit(true);
                ResultSet r = s.executeQuery("SELECT count(*) FROM jd");
                r.next();
                equal(r.getInt(1), 300);
            });
            check("fetch size", () -> {
                c.setAutoCommit(false);
                try (PreparedStatement p = c.prepareStatement("SELECT id FROM jd ORDER BY id")) {
                    p.setFetchSize(17);
                    ResultSet r = p.executeQuery();
                    int rows = 0;
                    while (r.next()) rows++;
                    equal(rows, 300);
                }
                c.commit();
                c.setAutoCommit(true);
            });
            check("copy", () -> {
                var copy = c.unwrap(org.postgresql.PGConnection.class).getCopyAPI();
                equal(copy.copyIn("COPY jd (name, price) FROM STDIN WITH (FORMAT csv)", new java.io.StringReader("a,1.5\nb,\n")), 2L);
            });
            check("server prepared", () -> {
                try (PreparedStatement p = c.prepareStatement("UPDATE jd SET price = price + ? WHERE id = ?")) {
                    for (int i = 0; i < 12; i++) {
                        p.setBigDecimal(1, BigDecimal.ONE);
                        p.setLong(2, 5);
                        equal(p.executeUpdate(), 1);
                    }
                }
                ResultSet r = s.executeQuery("SELECT price FROM jd WHERE id = 5");
                r.next();
                equal(r.getBigDecimal(1), new BigDecimal("12.40"));
            });
            check("metadata", () -> {
                DatabaseMetaData m = c.getMetaData();
                ResultSet keys = m.getPrimaryKeys(null, "public", "jd");
                keys.next();
                equal(keys.getString("COLUMN_NAME"), "id");
                ResultSet columns = m.getColumns(null, "public", "jd", "price");
                columns.next();
                equal(columns.getInt("COLUMN_SIZE"), 10);
                ResultSet indexes = m.getIndexInfo(null, "public", "jd", true, false);
                indexes.next();
                equal(indexes.getString("INDEX_NAME"), "jd_pkey");
            });
            s.execute("DROP TABLE jd");
        }
        System.out.println(passed + " passed, " + failed + " failed");
        System.exit(failed == 0 ? 0 : 1);
    }
}
