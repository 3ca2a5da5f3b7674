import type { Connection } from "@laurel/contract";

export interface Snippet {
  /** What it is, and where it goes. */
  what: string;
  code: string;
}

/** How a shop hands the visits by ambassadors' links to its checkout. A test holds the snippets equal to docs/shop-script.md. */
export const shopScripts: Record<Connection["provider"], { steps: Snippet[]; closing: string }> = {
  stripe: {
    steps: [
      {
        what: "Copy the file to your shop, and include it on every page, before any script of Stripe's:",
        code: `<script src="/laurel.js" defer></script>`,
      },
      {
        what: "Payment links, buy buttons and pricing tables need nothing more. Where your own server makes Checkout Sessions, hand the visit over there:",
        code: `const clicks = /\\blaurel=([\\w.]*)/.exec(request.headers.cookie ?? "")?.[1]?.split(".") ?? [];
const session = await stripe.checkout.sessions.create({
  // …
  ...(clicks.at(-1) ? { client_reference_id: clicks.at(-1) } : {}),
});`,
      },
    ],
    closing:
      "If you ask visitors before you store anything, add data-consent to the tag, and call laurel.consent(true) once they have agreed.",
  },
  shopify: {
    steps: [
      {
        what: "In Online Store, Themes, Edit code, add the file to Assets, and this to layout/theme.liquid before </head>:",
        code: `<script src="{{ 'laurel.js' | asset_url }}" data-consent defer></script>
<script>
  document.addEventListener("DOMContentLoaded", function () {
    window.Shopify.loadFeatures([{ name: "consent-tracking-api", version: "0.1" }], function (error) {
      if (error) return;
      var tell = function () {
        laurel.consent(window.Shopify.customerPrivacy.marketingAllowed());
      };
      tell();
      document.addEventListener("visitorConsentCollected", tell);
    });
  });
</script>`,
      },
    ],
    closing:
      "It waits for the visitor's consent as Shopify's own banner asks for it, and writes the visit into the cart's attributes.",
  },
  woocommerce: {
    steps: [
      {
        what: "Put the file into your child theme's folder, and this into its functions.php:",
        code: `add_action( 'wp_enqueue_scripts', function () {
	wp_enqueue_script( 'laurel', get_stylesheet_directory_uri() . '/laurel.js', array(), null, array( 'strategy' => 'defer' ) );
} );

function laurel_keep_clicks( $order ) {
	$clicks = isset( $_COOKIE['laurel'] ) ? sanitize_text_field( wp_unslash( $_COOKIE['laurel'] ) ) : '';
	if ( ! preg_match( '/^clk_[0-9a-z]{26}(\\.clk_[0-9a-z]{26})?$/', $clicks ) ) {
		return;
	}
	$clicks = explode( '.', $clicks );
	$order->update_meta_data( '_laurel_first_click', $clicks[0] );
	$order->update_meta_data( '_laurel_click', end( $clicks ) );
}
// The classic checkout, and the one made of blocks.
add_action( 'woocommerce_checkout_create_order', 'laurel_keep_clicks' );
add_action( 'woocommerce_store_api_checkout_update_order_meta', function ( $order ) {
	laurel_keep_clicks( $order );
	$order->save();
} );`,
      },
      {
        what: "Where you use the WP Consent API, this too:",
        code: `add_filter( 'script_loader_tag', function ( $tag, $handle ) {
	return 'laurel' === $handle ? str_replace( ' src=', ' data-consent src=', $tag ) : $tag;
}, 10, 2 );
add_action( 'wp_footer', function () {
	echo "<script>document.addEventListener('DOMContentLoaded',function(){laurel.consent(!!window.wp_has_consent&&wp_has_consent('marketing'));document.addEventListener('wp_listen_for_consent_change',function(e){if('marketing' in e.detail)laurel.consent('allow'===e.detail.marketing);});});</script>";
} );`,
      },
    ],
    closing: "The visit is then in the order's meta, where Laurel reads it.",
  },
};
