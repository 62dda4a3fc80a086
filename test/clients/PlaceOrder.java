// Places one order with the generated client: `PlaceOrder <url> <email> <password>`; prints its state.
import java.util.List;
import java.util.UUID;
import org.openapitools.client.ApiClient;
import org.openapitools.client.api.OrderApi;
import org.openapitools.client.api.ProductApi;
import org.openapitools.client.api.UserApi;
import org.openapitools.client.model.OrderCreateBody;
import org.openapitools.client.model.OrderCreateBodyItemsInner;
import org.openapitools.client.model.ShippingAddress;
import org.openapitools.client.model.UserSignInBody;

public class PlaceOrder {
  public static void main(String[] args) throws Exception {
    var client = new ApiClient();
    client.updateBaseUri(args[0]);
    var tokens = new UserApi(client).userSignIn(new UserSignInBody().email(args[1]).password(args[2]));
    client.setRequestInterceptor(request -> request.header("Authorization", "Bearer " + tokens.getAccessToken()));

    var product = new ProductApi(client).productList(1, null, null, null, null, null, null, "price", null).getItems().get(0);
    var address = new ShippingAddress().name("Alex Reed").line1("세종대로 110").city("서울").postalCode("04524").country("KR");
    var body =
        new OrderCreateBody()
            .items(List.of(new OrderCreateBodyItemsInner().productId(product.getId()).quantity(2)))
            .paymentMethod("tok_success")
            .shippingAddress(address);
    var order = new OrderApi(client).orderCreate(UUID.randomUUID().toString(), body);
    var kept = new OrderApi(client).orderGet(order.getId(), null);
    if (kept.getTotal().getAmount() != 2 * product.getPrice().getAmount()) throw new Exception("The total is wrong.");
    System.out.println(order.getStatus().getValue());
  }
}
