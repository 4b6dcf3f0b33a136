import Base
import Foundation
import Platform

/// An Iceberg REST catalog over the tables in a folder, on a free loopback port, ended with the object.
final class RESTCatalogServer {
    let port: Int
    private let server: Process

    /// `folder` holds catalog.db and warehouse. An empty token lets everybody in.
    init(_ folder: String, token: String) throws {
        port = Int.random(in: 20_000...59_000)
        server = Process()
        server.executableURL = URL(filePath: Lake.venv)
        server.arguments = [packageRoot + "/Tests/DatasetEngineTests/Support/iceberg_rest.py", folder, "\(port)", token]
        server.standardError = FileHandle.nullDevice
        server.standardOutput = FileHandle.nullDevice
        try server.run()
    }

    deinit {
        kill(server.processIdentifier, SIGKILL)
        server.waitUntilExit()
    }

    /// Python that puts the same catalog in `c` when the server answers.
    var prelude: String {
        """
        import time, urllib.request, urllib.error
        from pyiceberg.catalog.sql import SqlCatalog
        for attempt in range(3000):
            try: urllib.request.urlopen('http://127.0.0.1:\(port)/v1/config').read(); break
            except urllib.error.HTTPError: break
            except Exception: time.sleep(0.1)
        # The server has made the catalog's tables by now: two that make them at once fail.
        c = SqlCatalog('rest', uri='sqlite:///' + root + '/catalog.db', warehouse='file://' + root + '/warehouse')

        """
    }
}
