"""Places an order over gRPC and follows it: `python order_grpc.py <address> <email> <password>`; prints what happens to it."""
import sys
import uuid

import grpc
from madang.order.v1 import order_pb2, order_pb2_grpc
from madang.payment.v1 import payment_pb2, payment_pb2_grpc
from madang.product.v1 import product_pb2, product_pb2_grpc
from madang.user.v1 import user_pb2, user_pb2_grpc

address, email, password = sys.argv[1:]
channel = grpc.insecure_channel(address)
users = user_pb2_grpc.UserServiceStub(channel)
products = product_pb2_grpc.ProductServiceStub(channel)
orders = order_pb2_grpc.OrderServiceStub(channel)
payments = payment_pb2_grpc.PaymentServiceStub(channel)

tokens = users.SignIn(user_pb2.SignInRequest(email=email, password=password))
token = ("authorization", f"Bearer {tokens.access_token}")


def key():
    return ("idempotency-key", str(uuid.uuid4()))


product = products.List(product_pb2.ListRequest(limit=1, sort="price")).items[0]
basket = order_pb2.CreateRequest(
    items=[order_pb2.CreateRequestItems(product_id=product.id, quantity=2)],
    payment_method="tok_3ds",
    shipping_address=order_pb2.ShippingAddress(
        name="Alex Reed", line1="세종대로 110", city="서울", postal_code="04524", country="KR"
    ),
)
try:
    orders.Create(basket)
    raise AssertionError("Nobody may place an order.")
except grpc.RpcError as error:
    assert error.code() == grpc.StatusCode.UNAUTHENTICATED, error

order = orders.Create(basket, metadata=[token, key()])
assert order.total.amount == 2 * product.price.amount
stream = orders.Watch(order_pb2.WatchRequest(id=order.id), metadata=[token], timeout=120)
for item in stream:
    print(item.event)
    if item.event == "order.placed":
        payments.Confirm(payment_pb2.ConfirmRequest(id=order.payment_id), metadata=[token, key()])
    if item.WhichOneof("happened") == "order_confirmed":
        assert item.order_confirmed.total.amount == order.total.amount
        stream.cancel()
        break
print(orders.Get(order_pb2.GetRequest(id=order.id), metadata=[token]).status)
