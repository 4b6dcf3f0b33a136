internal import Base

extension Rewriter {
    /// Session functions that stand without brackets.
    private static let values: [String: SessionReference] = [
        "current_user": .currentUser, "session_user": .sessionUser, "current_role": .currentUser,
        "current_catalog": .currentDatabase, "current_schema": .currentSchema,
    ]
    /// And those called with none or constant arguments.
    private static let calls: [String: SessionReference] = [
        "current_database": .currentDatabase, "current_schema": .currentSchema, "version": .version,
        "pg_backend_pid": .backendPID, "txid_current": .transactionID, "pg_current_xact_id": .transactionID,
        "pg_postmaster_start_time": .postmasterStart, "pg_conf_load_time": .postmasterStart,
    ]
    private static let withArguments: Set<String> = ["current_schemas", "current_setting", "set_config"]
    private static let namesLongest = 33

    /// Replaces a session function whose name is at `name`, from the token `first` on (its schema, or itself).
    mutating func rewriteSession(from first: Int, nameAt name: Int) throws(LeibrixError) -> Bool {
        let token = token(at: name)
        guard token.kind == .word, token.end - token.start <= Rewriter.namesLongest else { return false }
        let word = text.lowered(token)
        let alias = { (rewriter: Rewriter, end: Int) -> String? in
            rewriter.isItemStart(first) && rewriter.isItemEnd(end) ? word : nil
        }
        if kind(name + 1) == .leftParen {
            let end = afterBracket(name + 1)
            if Rewriter.sequences.contains(word) { return rewriteSequence(word, from: first, nameAt: name, end: end) }
            if let reference = Rewriter.calls[word], kind(name + 2) == .rightParen {
                replace(first, end, with: reference, alias: alias(self, end))
                return true
            }
            if word == "pg_table_is_visible" {
                replace(first, name + 2, with: word + "(")
                pieces.append(.session(.currentSchemas(true), alias: nil, origin: text.tokens[name + 1].start))
                pieces.append(.replacement(", ", origin: text.tokens[name + 1].start))
                selectLists.append(false)
                return true
            }
            if rewritePrivilege(word, from: first, nameAt: name, end: end) { return true }
            guard Rewriter.withArguments.contains(word) else { return false }
            if word == "current_setting", isColumn(from: name + 2, to: end - 1) {
                replace(first, name + 1, with: "setting_of")
                return true
            }
            if word == "set_config", isColumn(from: name + 2, to: name + 3), kind(name + 3) == .comma {
                // Never evaluated where no row asks for it, as in what pg_dump sends.
                replace(first, end, with: "error('LBX-0002: set_config() takes constants and parameters only')")
                return true
            }
            let reference = try sessionCall(word, name: name, end: end)
            replace(first, end, with: reference, alias: alias(self, end))
            return true
        }
        guard let reference = Rewriter.values[word], !isWord(first - 1, "as"), kind(name + 1) != .dot else { return false }
        replace(first, name + 1, with: reference, alias: alias(self, name + 1))
        return true
    }

    private static let relations: [String: SessionReference] = [
        "pg_prepared_statements": .preparedStatements, "pg_cursors": .cursors,
    ]

    /// Replaces a relation whose rows only the session knows, where it is an item of FROM.
    mutating func rewriteSessionRelation(from first: Int, nameAt name: Int) -> Bool {
        guard let word = text.name(token(at: name)), let reference = Rewriter.relations[word] else { return false }
        let isItem = isWord(first - 1, "from") || isWord(first - 1, "join") || (kind(first - 1) == .comma && !selectLists[selectLists.count - 1])
        guard isItem, kind(name + 1) != .dot, kind(name + 1) != .leftParen else { return false }
        let next = token(at: name + 1)
        let isNamed = isWord(name + 1, "as") || next.kind == .quotedWord || (next.kind == .word && !Rewriter.afterFunction.contains(text.lowered(next)))
        replace(first, name + 1, with: reference, alias: isNamed ? nil : word)
        return true
    }

    private static let sequences: Set<String> = ["nextval", "currval", "setval", "lastval"]

    /// nextval('s'::regclass) -> the server's function, called with the session and the name.
    private mutating func rewriteSequence(_ word: String, from first: Int, nameAt name: Int, end: Int) -> Bool {
        let isItem = isItemStart(first) && isItemEnd(end)
        replace(first, name + 2, with: .sequence(word), alias: nil)
        if isItem { pending.append((end, " AS \(word)")) }
        if token(at: index).isString, kind(index + 1) == .cast {
            var last = index + 2
            if isWord(last, "pg_catalog"), kind(last + 1) == .dot { last += 2 }
            if isWord(last, "regclass") || isWord(last, "text") {
                index += 1
                replace(index, last + 1, with: "")
            }
        }
        // The bracket that was replaced is still to be counted.
        selectLists.append(false)
        return true
    }

    /// has_table_privilege(table, privilege) -> has_table_privilege(user, table, privilege)
    private mutating func rewritePrivilege(_ word: String, from first: Int, nameAt name: Int, end: Int) -> Bool {
        guard word == "pg_has_role" || word.hasPrefix("has_") && word.hasSuffix("_privilege") else { return false }
        var depth = 0
        var commas = 0
        for index in (name + 1)..<end {
            switch kind(index) {
            case .leftParen, .leftBracket: depth += 1
            case .rightParen, .rightBracket: depth -= 1
            case .comma where depth == 1: commas += 1
            default: break
            }
        }
        guard commas == (word == "has_column_privilege" ? 2 : 1) else { return false }
        replace(first, name + 2, with: word + "(")
        pieces.append(.session(.currentUser, alias: nil, origin: text.tokens[name + 1].start))
        pieces.append(.replacement(", ", origin: text.tokens[name + 1].start))
        selectLists.append(false)
        return true
    }

    /// Whether the tokens are one name, perhaps qualified: `s.name`. Its settings are read a row at a time, by a macro.
    private func isColumn(from first: Int, to end: Int) -> Bool {
        guard first < end, (end - first) % 2 == 1, !["true", "false"].contains(text.lowered(token(at: first))) else { return false }
        return (first..<end).allSatisfy { index in
            (index - first) % 2 == 1 ? kind(index) == .dot : token(at: index).kind == .word || token(at: index).kind == .quotedWord
        }
    }

    private func sessionCall(_ word: String, name: Int, end: Int) throws(LeibrixError) -> SessionReference {
        let arguments = try constantArguments(word, from: name + 2, to: end - 1)
        switch (word, arguments.count) {
        case ("current_schemas", 1):
            guard case .text(let flag) = arguments[0] else { throw notConstant(word, name) }
            return .currentSchemas(flag == "true" || flag == "t")
        case ("current_setting", 1): return .currentSetting(arguments[0], missingOK: false)
        case ("current_setting", 2): return .currentSetting(arguments[0], missingOK: arguments[1] == .text("true"))
        case ("set_config", 3): return .setConfig(arguments[0], value: arguments[1], isLocal: arguments[2])
        default:
            throw LeibrixError(
                .undefinedFunction, "function \(word) does not take \(arguments.count) arguments",
                hint: "current_setting(name [, missing_ok]), set_config(name, value, is_local), current_schemas(implicit).",
                position: text.position(token(at: name)))
        }
    }

    /// Strings, numbers, true, false and $n, each perhaps cast to a type.
    private func constantArguments(_ word: String, from first: Int, to end: Int) throws(LeibrixError) -> [SessionReference.Argument] {
        var arguments: [SessionReference.Argument] = []
        var index = first
        while index < end {
            let token = token(at: index)
            if let number = text.parameterNumber(token) {
                arguments.append(.parameter(number))
            } else if let value = text.stringValue(token) {
                arguments.append(.text(value))
            } else if token.kind == .word, ["true", "false"].contains(text.lowered(token)) {
                arguments.append(.text(text.lowered(token)))
            } else if token.kind == .integer {
                arguments.append(.text(text.string(token)))
            } else {
                throw notConstant(word, index)
            }
            index += 1
            while kind(index) == .cast { index += 2 }
            guard index >= end || kind(index) == .comma else { throw notConstant(word, index) }
            index += 1
        }
        return arguments
    }

    private func notConstant(_ word: String, _ index: Int) -> LeibrixError {
        LeibrixError(
            .notSupported, "\(word)() takes constants and parameters only", hint: "Read leibrix.settings to compute with settings.",
            position: text.position(token(at: index)))
    }
}
