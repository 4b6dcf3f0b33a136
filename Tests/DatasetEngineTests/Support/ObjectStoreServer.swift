import Base
import Foundation
import Platform

/// An S3 of its own (moto) on a free loopback port, ended with the object.
final class ObjectStoreServer {
    static let program = packageRoot + "/.deps/venv-lake/bin/moto_server"
    static var isInstalled: Bool { Files.exists(program) }

    let port: Int
    private let server: Process

    init() throws {
        port = Int.random(in: 20_000...59_000)
        server = Process()
        server.executableURL = URL(filePath: Self.program)
        server.arguments = ["-H", "127.0.0.1", "-p", "\(port)"]
        server.standardError = FileHandle.nullDevice
        server.standardOutput = FileHandle.nullDevice
        try server.run()
    }

    deinit {
        kill(server.processIdentifier, SIGKILL)
        server.waitUntilExit()
    }

    /// Python that waits for the server, makes the bucket, and puts a client in `s3` and properties in `props`.
    var prelude: String {
        """
        import boto3, time
        s3 = boto3.client('s3', endpoint_url='http://127.0.0.1:\(port)', aws_access_key_id='k', aws_secret_access_key='s', region_name='us-east-1')
        for attempt in range(100):
            try: s3.list_buckets(); break
            except Exception: time.sleep(0.1)
        if not s3.list_buckets()['Buckets']: s3.create_bucket(Bucket='lake')
        props = {'s3.endpoint': 'http://127.0.0.1:\(port)', 's3.access-key-id': 'k', 's3.secret-access-key': 's', 's3.region': 'us-east-1'}

        """
    }
}
