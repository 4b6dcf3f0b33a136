internal import Session

/// The portals of a connection by name. The unnamed one, "", lies by itself: nearly all statements use it.
struct PortalTable<Session: DoorSession> {
    private var unnamed: Portal<Session>?
    private var named: [String: Portal<Session>] = [:]

    subscript(name: String) -> Portal<Session>? {
        get { name.isEmpty ? unnamed : named[name] }
        set { if name.isEmpty { unnamed = newValue } else { named[name] = newValue } }
    }

    var count: Int { named.count + (unnamed == nil ? 0 : 1) }

    mutating func remove(_ name: String) -> Portal<Session>? {
        let portal = self[name]
        self[name] = nil
        return portal
    }

    /// Any portal but the one that is kept.
    func first(except kept: Portal<Session>? = nil) -> (name: String, portal: Portal<Session>)? {
        if let unnamed, unnamed !== kept { return ("", unnamed) }
        for (name, portal) in named where portal !== kept { return (name, portal) }
        return nil
    }
}
