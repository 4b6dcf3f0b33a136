/// The bounds of names, options and plans. Each is checked where its thing is made.
public enum CatalogLimits {
    /// PostgreSQL's NAMEDATALEN less its terminator, in bytes.
    public static let nameBytesMax = 63
    /// Epochs of one dataset: above it a plan is refused, not cut.
    public static let epochsPerDatasetMax = 10_000
    public static let dimensionColumnsMax = 8
    public static let dimensionValuesMax = 1_000
    public static let refreshSecondsMin = 1
    public static let replicasMax = 16
}
