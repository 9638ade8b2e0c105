from members.models import Signature, keyed_hash


def is_whole(signature: Signature) -> bool:
    """Whether text and drawing are still what was signed."""
    return signature.digest == keyed_hash("signature", signature.text + signature.image)
