"""Places one order with the generated client: `python order.py <url> <email> <password>`; prints its state."""
import sys
import uuid

import openapi_client as madang

url, email, password = sys.argv[1:]
configuration = madang.Configuration(host=url)
client = madang.ApiClient(configuration)
tokens = madang.UserApi(client).user_sign_in(madang.UserSignInBody(email=email, password=password))
configuration.access_token = tokens.access_token

product = madang.ProductApi(client).product_list(limit=1, sort="price").items[0]
order = madang.OrderApi(client).order_create(
    str(uuid.uuid4()),
    madang.OrderCreateBody(
        items=[madang.OrderCreateBodyItemsInner(product_id=product.id, quantity=2)],
        payment_method="tok_success",
        shipping_address=madang.ShippingAddress(
            name="Alex Reed", line1="세종대로 110", city="서울", postal_code="04524", country="KR"
        ),
    ),
)
assert madang.OrderApi(client).order_get(order.id).total.amount == 2 * product.price.amount
print(order.status.value)
