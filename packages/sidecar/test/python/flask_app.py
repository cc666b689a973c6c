"""A Flask API whose profile comes through the sidecar. Prints its URL when it is ready."""

from flask import Flask, jsonify, request
from sidecar_client import SidecarClient
from werkzeug.serving import make_server

app = Flask(__name__)
sidecar = SidecarClient()


def get_token() -> str:
    token = request.headers.get("Authorization")
    if not token:
        raise ValueError("No authorization token provided")
    return token


@app.route("/api/profile")
def profile():
    try:
        return jsonify(sidecar.call_downstream_api(get_token(), "Graph", "me"))
    except ValueError as error:
        return jsonify({"error": str(error)}), 401
    except Exception as error:  # pylint: disable=broad-except
        return jsonify({"error": str(error)}), 500


@app.route("/api/messages")
def messages():
    return jsonify(sidecar.call_downstream_api(get_token(), "Graph", "me/messages?$top=10"))


@app.route("/api/messages/send", methods=["POST"])
def send_message():
    body = {"message": request.json}
    result = sidecar.call_downstream_api(get_token(), "Graph", "me/sendMail", method="POST", body=body)
    return jsonify({"success": True, "result": result})


if __name__ == "__main__":
    server = make_server("127.0.0.1", 0, app)
    print(f"http://127.0.0.1:{server.port}", flush=True)
    server.serve_forever()
