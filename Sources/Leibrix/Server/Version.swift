public enum Version {
    /// Semantic version of this product; CHANGELOG.md has an entry for each.
    public static let current = "0.1.0"
}
