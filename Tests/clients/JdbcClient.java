// pgjdbc: metadata, prepared statements past its switch to binary, fetch sizes, types, errors, cancellation.
import java.math.BigDecimal;
import java.sql.*;
import java.util.*;
import org.postgresql.PGResultSetMetaData;

public class JdbcClient {
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
        if (!Objects.equals(got, want)) throw new AssertionError("expected " + want + ", got " + got);
    }

    static List<String> names(ResultSet rows, String column) throws SQLException {
        List<String> found = new ArrayList<>();
        while (rows.next()) found.add(rows.getString(column));
        return found;
    }

    public static void main(String[] arguments) throws Exception {
        String url = "jdbc:postgresql://127.0.0.1:" + arguments[0] + "/leibrix?user=admin";
        try (Connection connection = DriverManager.getConnection(url)) {
            metadata(connection.getMetaData());
            statements(connection);
        }
        System.out.println(passed + " passed, " + failed + " failed");
        System.exit(failed == 0 ? 0 : 1);
    }

    static void metadata(DatabaseMetaData data) {
        check("product", () -> equal(data.getDatabaseProductName(), "PostgreSQL"));
        check("tables", () -> {
            List<String> found = names(data.getTables(null, "public", "%", new String[] {"TABLE"}), "TABLE_NAME");
            if (!found.containsAll(List.of("depts", "orders", "people"))) throw new AssertionError(found);
        });
        check("columns", () -> equal(names(data.getColumns(null, "public", "depts", "%"), "COLUMN_NAME"), List.of("id", "name", "budget")));
        check("column types", () -> {
            ResultSet rows = data.getColumns(null, "public", "depts", "budget");
            rows.next();
            equal(rows.getInt("DATA_TYPE"), Types.NUMERIC);
            equal(rows.getInt("COLUMN_SIZE"), 12);
            equal(rows.getInt("DECIMAL_DIGITS"), 2);
        });
        check("schemas", () -> {
            if (!names(data.getSchemas(), "TABLE_SCHEM").contains("public")) throw new AssertionError("no public");
        });
        check("catalogs", () -> names(data.getCatalogs(), "TABLE_CAT"));
        check("table types", () -> names(data.getTableTypes(), "TABLE_TYPE"));
        check("primary keys", () -> equal(names(data.getPrimaryKeys(null, "public", "depts"), "COLUMN_NAME"), List.of()));
        check("imported keys", () -> equal(names(data.getImportedKeys(null, "public", "depts"), "FKCOLUMN_NAME"), List.of()));
        check("index info", () -> equal(names(data.getIndexInfo(null, "public", "depts", false, true), "INDEX_NAME"), List.of()));
        check("best row", () -> names(data.getBestRowIdentifier(null, "public", "depts", 0, true), "COLUMN_NAME"));
        check("type info", () -> {
            if (!names(data.getTypeInfo(), "TYPE_NAME").contains("int4")) throw new AssertionError("no int4");
        });
        check("functions", () -> names(data.getFunctions(null, null, "upper"), "FUNCTION_NAME"));
        check("procedures", () -> names(data.getProcedures(null, null, "%"), "PROCEDURE_NAME"));
        check("privileges", () -> names(data.getTablePrivileges(null, "public", "depts"), "PRIVILEGE"));
        check("keywords", () -> {
            if (data.getSQLKeywords().isEmpty()) throw new AssertionError("none");
        });
    }

    static void statements(Connection connection) throws SQLException {
        check("prepared past binary", () -> {
            try (PreparedStatement statement = connection.prepareStatement("SELECT id, name, budget, DATE '2024-02-29', 1.5::DOUBLE FROM depts WHERE id = ?")) {
                for (int round = 0; round < 12; round++) {
                    statement.setInt(1, 2);
                    ResultSet rows = statement.executeQuery();
                    rows.next();
                    equal(rows.getInt(1), 2);
                    equal(rows.getString(2), "research");
                    equal(rows.getBigDecimal(3), new BigDecimal("250000.00"));
                    equal(rows.getDate(4).toString(), "2024-02-29");
                    equal(rows.getDouble(5), 1.5);
                }
            }
        });
        check("fetch size", () -> {
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                statement.setFetchSize(123);
                ResultSet rows = statement.executeQuery("SELECT id FROM orders ORDER BY id");
                for (long want = 0; rows.next(); want++) equal(rows.getLong(1), want);
            } finally {
                connection.commit();
                connection.setAutoCommit(true);
            }
        });
        check("result metadata", () -> {
            ResultSetMetaData data = connection.createStatement().executeQuery("SELECT id, name AS n, budget FROM depts").getMetaData();
            equal(data.getColumnLabel(2), "n");
            equal(data.getColumnTypeName(3), "numeric");
            equal(data.getScale(3), 2);
            equal(data.getColumnName(1), "id");
        });
        check("base columns and tables", () -> {
            PGResultSetMetaData data = (PGResultSetMetaData) connection.createStatement().executeQuery(
                "SELECT d.id, name AS n, budget * 2, count(*) OVER () FROM public.depts AS d").getMetaData();
            equal(data.getBaseTableName(1), "depts");
            equal(data.getBaseSchemaName(1), "public");
            equal(data.getBaseColumnName(2), "name");
            equal(data.getBaseTableName(3), "");
            equal(((ResultSetMetaData) data).getTableName(1), "depts");
            equal(((ResultSetMetaData) data).getColumnName(2), "n");
            equal(((ResultSetMetaData) data).getColumnName(3), "?column?");
            equal(((ResultSetMetaData) data).getColumnName(4), "count");
            equal(((ResultSetMetaData) data).isAutoIncrement(1), false);
            PGResultSetMetaData system = (PGResultSetMetaData) connection.createStatement().executeQuery(
                "SELECT dataset FROM leibrix.datasets").getMetaData();
            equal(system.getBaseTableName(1), "datasets");
        });
        check("arrays", () -> {
            ResultSet rows = connection.createStatement().executeQuery("SELECT [1, 2, 3]");
            rows.next();
            equal(Arrays.asList((Object[]) rows.getArray(1).getArray()).toString(), "[1, 2, 3]");
        });
        check("timestamps", () -> {
            ResultSet rows = connection.createStatement().executeQuery("SELECT TIMESTAMP '2024-02-29 12:34:56.5'");
            rows.next();
            equal(rows.getObject(1, java.time.LocalDateTime.class).toString(), "2024-02-29T12:34:56.500");
        });
        check("errors", () -> {
            try {
                connection.createStatement().executeQuery("SELECT * FROM no_such_table");
                throw new AssertionError("no error");
            } catch (SQLException error) {
                equal(error.getSQLState(), "42P01");
            }
        });
        check("cancel by query timeout", () -> {
            try (Statement statement = connection.createStatement()) {
                statement.setQueryTimeout(1);
                statement.executeQuery("SELECT count(*) FROM range(100000000000) a(i) WHERE hash(i) % 3 = 0");
                throw new AssertionError("no error");
            } catch (SQLException error) {
                equal(error.getSQLState(), "57014");
            }
        });
        check("isolation", () -> {
            connection.getTransactionIsolation();
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            connection.setReadOnly(true);
            connection.setReadOnly(false);
        });
        check("several statements", () -> {
            Statement statement = connection.createStatement();
            statement.execute("SELECT 1; SELECT 2");
            statement.getMoreResults();
            ResultSet rows = statement.getResultSet();
            rows.next();
            equal(rows.getInt(1), 2);
        });
        check("copy out", () -> {
            java.io.StringWriter text = new java.io.StringWriter();
            connection.unwrap(org.postgresql.PGConnection.class).getCopyAPI().copyOut("COPY (SELECT id, name FROM depts ORDER BY id) TO STDOUT (FORMAT csv)", text);
            equal(text.toString().split("\n")[0], "1,sales");
        });
        check("validity", () -> equal(connection.isValid(5), true));
    }
}
