// Keys as paths, as they would stand in etcd:
//
//   tenants/{t}/quota      tenants/{t}/catalogs/{c}      tenants/{t}/datasets/{d}
//   tenants/{t}/epochs/{d}/{e}/{version}                 users/{u}      settings/{s}
//
// A '/' or '%' inside a name is percent-encoded.
internal import Catalog

extension ControlKey {
    var path: String {
        switch self {
        case .tenant(let name): "tenants/\(Self.part(name))/quota"
        case .user(let name): "users/\(Self.part(name))"
        case .catalog(let key): "tenants/\(Self.part(key.tenant))/catalogs/\(Self.part(key.name))"
        case .dataset(let key): "tenants/\(Self.part(key.tenant))/datasets/\(Self.part(key.name))"
        case .epoch(let key, let epochID, let version):
            "tenants/\(Self.part(key.tenant))/epochs/\(Self.part(key.name))/\(Self.part(epochID))/\(version)"
        case .setting(let name): "settings/\(Self.part(name))"
        }
    }

    private static func part(_ name: String) -> String {
        guard name.contains("/") || name.contains("%") else { return name }
        return name.map { $0 == "/" ? "%2F" : $0 == "%" ? "%25" : String($0) }.joined()
    }
}
