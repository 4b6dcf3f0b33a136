public import Base

extension Query {
    /// The queries of the text that DuckDB's `json_serialize_sql(sql)` answers, one a statement.
    ///
    /// Throws `syntax` with DuckDB's message where its parser refused the statement, `notSupported` for statements that
    /// are no query, `limitExceeded` for what nests deeper than the decoder goes. Linear in the text.
    public static func decode(serialized text: String) throws(LeibrixError) -> [Query] {
        let document: JSON
        do {
            document = try JSON.parse(text)
        } catch {
            throw LeibrixError(.limitExceeded, "the query nests too deeply to be planned", detail: error.message)
        }
        if document["error"]?.bool != false { throw refusal(document) }
        guard let statements = document["statements"]?.array else {
            throw LeibrixError(.internal, "a serialized query without statements")
        }
        return statements.map { QueryDecoder.statement($0) }
    }

    private static func refusal(_ document: JSON) -> LeibrixError {
        let message = document["error_message"]?.string ?? "the query could not be read"
        let isSyntax = document["error_type"]?.string == "parser"
        let position = document["position"]?.string.flatMap { Int($0) }
        return LeibrixError(isSyntax ? .syntax : .notSupported, message, position: position.map { $0 + 1 })
    }
}
