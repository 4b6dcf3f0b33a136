"""An Iceberg REST catalog over pyiceberg's SqlCatalog: the reading half of the specification's open API, with a bearer token.

  iceberg_rest.py FOLDER PORT TOKEN      FOLDER/catalog.db and FOLDER/warehouse; an empty TOKEN asks for none
"""
import os
import sys

from flask import Flask, jsonify, request
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.exceptions import NoSuchNamespaceError, NoSuchTableError

root, port, token = sys.argv[1], int(sys.argv[2]), sys.argv[3]
os.makedirs(f"{root}/warehouse", exist_ok=True)
catalog = SqlCatalog("rest", uri=f"sqlite:///{root}/catalog.db", warehouse=f"file://{root}/warehouse")
app = Flask(__name__)


def refusal(status, kind, message):
    return jsonify(error={"message": message, "type": kind, "code": status}), status


@app.before_request
def check_token():
    if token and request.path != "/v1/oauth/tokens" and request.headers.get("Authorization") != f"Bearer {token}":
        return refusal(401, "NotAuthorizedException", "the token is not known here")


@app.post("/v1/oauth/tokens")
def give_token():
    given = request.authorization
    if given is None or (given.username, given.password) != ("reader", "secret"):
        return refusal(401, "NotAuthorizedException", "the client is not known here")
    return jsonify(access_token=token, token_type="bearer", expires_in=3600)


@app.get("/v1/config")
def config():
    return jsonify(defaults={}, overrides={})


@app.get("/v1/namespaces")
def namespaces():
    parent = tuple(filter(None, request.args.get("parent", "").split("\x1f")))
    return jsonify(namespaces=[list(name) for name in catalog.list_namespaces(parent)])


@app.get("/v1/namespaces/<namespace>")
def namespace(namespace):
    try:
        return jsonify(namespace=namespace.split("\x1f"), properties=catalog.load_namespace_properties(namespace.split("\x1f")))
    except NoSuchNamespaceError as error:
        return refusal(404, "NoSuchNamespaceException", str(error))


@app.get("/v1/namespaces/<namespace>/tables")
def tables(namespace):
    names = catalog.list_tables(tuple(namespace.split("\x1f")))
    return jsonify(identifiers=[{"namespace": list(name[:-1]), "name": name[-1]} for name in names])


@app.route("/v1/namespaces/<namespace>/tables/<table>", methods=["GET", "HEAD"])
def load(namespace, table):
    try:
        found = catalog.load_table((*namespace.split("\x1f"), table))
    except NoSuchTableError as error:
        return refusal(404, "NoSuchTableException", str(error))
    return app.response_class(
        '{"metadata-location": "%s", "metadata": %s, "config": {}}' % (found.metadata_location, found.metadata.model_dump_json()),
        mimetype="application/json")


app.run("127.0.0.1", port)
