// docs/operating/configuration.md, written from the table of settings.

extension Configuration {
    /// The whole page. A test holds the file in the tree to it.
    public static var reference: String {
        var text = """
            # Configuration

            Flags over environment over file over defaults. This page is written by `leibrix check-config --reference` (`make docs`) from the one
            table of settings in Sources/Leibrix/Configuration/Setting+Table.swift, and a test holds it to that.

            An unknown setting, a value that does not parse and a setting given twice are errors that name the file's line, the variable or the
            flag. `leibrix check-config` reads everything as `serve` would and shows each setting with where it came from.

            | setting | flag | variable | value | default | |
            | --- | --- | --- | --- | --- | --- |

            """
        for setting in Setting.table {
            let shown = setting.defaultText.isEmpty ? "" : "`\(setting.defaultText)`"
            text += "| `\(setting.name)` | `\(setting.flag)` | `\(setting.variable)` | \(setting.placeholder) | \(shown) | \(setting.help) |\n"
        }
        text += """

            The file is named by `--config FILE` or `LEIBRIX_CONFIG`. It is YAML: a map of settings, dots as nested maps.

            ```yaml
            data: /var/lib/leibrix
            pg: 127.0.0.1:5433
            http: 127.0.0.1:8080
            memory: 8GB
            dataset_memory: 16GB
            tls:
              cert: /etc/leibrix/server.pem
              key: /etc/leibrix/server.key
            log:
              level: info
              format: json
            ```

            Sizes: `512MB` is decimal, `512MiB` binary, a bare number bytes. Times: `500ms`, `30s`, `5min`, `1h`, a bare number milliseconds.

            ## Beyond loopback

            A listener on anything but loopback is refused until at least one user has a password, and, unless `tls.allow_plaintext` is on, until
            `tls.cert` and `tls.key` are set. Set the password on loopback first: `CREATE USER ana PASSWORD '…'`. The HTTP listener serves no data
            and asks nobody who they are; keep it where your monitoring is.

            ## Not yet

            `--flight`, `--mysql` and `--rpc` are refused: those doors are not in this version.

            """
        return text
    }
}
