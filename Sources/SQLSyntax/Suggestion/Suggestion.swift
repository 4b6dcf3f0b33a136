/// The name among `candidates` that was most likely meant, for "did you mean" hints: the nearest by edit distance
/// (insertions, deletions, substitutions, neighbours swapped), no farther than a third of the name's length plus one.
/// O(candidates × length²).
public func nearestName(to name: String, among candidates: some Sequence<String>) -> String? {
    let wanted = Array(name.lowercased().unicodeScalars.prefix(64))
    var best: (name: String, distance: Int)?
    for candidate in candidates {
        let distance = editDistance(wanted, Array(candidate.lowercased().unicodeScalars.prefix(64)))
        if distance <= wanted.count / 3 + 1, distance < max(wanted.count, 2), distance < best?.distance ?? .max {
            best = (candidate, distance)
        }
    }
    return best?.name
}

/// `Did you mean "x"?`, or else `Known <what>: a, b, c.` with at most eight names.
public func suggestion(for name: String, among candidates: [String], what: String) -> String? {
    if let nearest = nearestName(to: name, among: candidates) { return "Did you mean \"\(nearest)\"?" }
    guard !candidates.isEmpty else { return nil }
    let shown = candidates.sorted().prefix(8).joined(separator: ", ")
    return "Known \(what): \(shown)\(candidates.count > 8 ? ", …" : "")."
}

private func editDistance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
    var older = [Int](repeating: 0, count: b.count + 1)
    var previous = Array(0...b.count)
    for i in a.indices {
        var current = [i + 1] + [Int](repeating: 0, count: b.count)
        for j in b.indices {
            let cost = a[i] == b[j] ? 0 : 1
            current[j + 1] = min(previous[j] + cost, previous[j + 1] + 1, current[j] + 1)
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { current[j + 1] = min(current[j + 1], older[j - 1] + 1) }
        }
        older = previous
        previous = current
    }
    return previous[b.count]
}
