// Places one order with the generated client: `order <url> <email> <password>`; prints its state.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	madang "example.com/madang"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	configuration := madang.NewConfiguration()
	configuration.Servers = madang.ServerConfigurations{{URL: os.Args[1]}}
	client := madang.NewAPIClient(configuration)
	ctx := context.Background()

	tokens, _, err := client.UserAPI.UserSignIn(ctx).UserSignInBody(*madang.NewUserSignInBody(os.Args[2], os.Args[3])).Execute()
	must(err)
	ctx = context.WithValue(ctx, madang.ContextAccessToken, tokens.AccessToken)

	products, _, err := client.ProductAPI.ProductList(ctx).Limit(1).Sort("price").Execute()
	must(err)
	product := products.Items[0]
	items := []madang.OrderCreateBodyItemsInner{*madang.NewOrderCreateBodyItemsInner(product.Id, 2)}
	address := madang.NewShippingAddress("Alex Reed", "세종대로 110", "서울", "04524", "KR")
	key := fmt.Sprintf("go-%d", time.Now().UnixNano())
	order, _, err := client.OrderAPI.OrderCreate(ctx).IdempotencyKey(key).
		OrderCreateBody(*madang.NewOrderCreateBody(items, "tok_success", *address)).Execute()
	must(err)

	kept, _, err := client.OrderAPI.OrderGet(ctx, order.Id).Execute()
	must(err)
	if kept.Total.Amount != 2*product.Price.Amount {
		panic("The total is wrong.")
	}
	fmt.Println(order.Status)
}
