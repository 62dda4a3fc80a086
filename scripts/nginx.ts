/** NGINX before the gateways, as its configuration: the rules of deploy/haproxy, as far as NGINX has them. */

/** Where gateways of one kind are: a name with one address for each of them, and the port of all. */
interface Backend {
  readonly address: string;
  /** As `listen` takes it. */
  readonly listen: string;
}

export interface Nginx {
  readonly resolver: string;
  readonly http: Backend;
  readonly grpc: Backend;
  /** Of the gateways for agents, with their port. */
  readonly agents: string;
  /** Of the nodes that take uploads, and of the edges. */
  readonly uploads: string;
  readonly films: string;
  /** For what only this process needs. */
  readonly folder: string;
}

const problem = (status: number, code: string, title: string, detail: string): string =>
  JSON.stringify({ type: `/problems/${code}`, title, status, detail, code });

const away = problem(503, "SERVICE_UNAVAILABLE", "The service is unavailable", "Try again in a moment.");
const late = problem(
  504,
  "REQUEST_TIMEOUT",
  "The answer took too long",
  "It may still have happened: look before you repeat it.",
);

export const nginxConfig = ({ resolver, http, grpc, agents, uploads, films, folder }: Nginx): string => `\
# Written by "npm run generate" from deploy/topology.ts. NGINX before the gateways, in the place of HAProxy: gateways are found by DNS,
# again each second. A request that a gateway could not answer goes to another once, if that is safe: a read, or a write whose
# Idempotency-Key makes the second attempt answer what the first did. What was never sent may always go elsewhere.

worker_processes 1;
pid ${folder}/nginx.pid;
error_log stderr warn;
events { worker_connections 4096; }

http {
  access_log off;
  server_tokens off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  resolver ${resolver} valid=1s ipv6=off;
  resolver_timeout 1s;
  recursive_error_pages on;

  map "$request_method:$http_idempotency_key" $may_repeat {
    default "";
    "~^(?:GET|HEAD|OPTIONS):" 1;
    "~:." 1;
  }

  server {
    listen ${http.listen};
    client_max_body_size 2m;
    set $gateways http://${http.address};
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Host $http_host;
    # The address of the connection comes last: with TRUST_PROXY=1 a gateway believes that one and none before it.
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_connect_timeout 200ms;
    # Longer than a gateway takes for any answer (ORDER_ANSWER_BUDGET, 5 s), so that only a frozen one is given up.
    proxy_read_timeout 7s;
    proxy_next_upstream_tries 2;
    error_page 418 = @again;
    # What NGINX answers by itself is a problem (RFC 9457) as well, and says when to ask again.
    error_page 502 503 = @away;
    error_page 504 = @late;
    location @away {
      default_type application/problem+json;
      add_header Retry-After 1 always;
      add_header Cache-Control no-store always;
      return 503 '${away}';
    }
    location @late {
      default_type application/problem+json;
      add_header Retry-After 1 always;
      add_header Cache-Control no-store always;
      return 504 '${late}';
    }
    # Figures are for those inside, who ask each gateway.
    location ~* ^/metrics { return 404; }
    set $agents http://${agents};
    location = /mcp { proxy_pass $agents; }
    # Uploads and films pass through as they come.
    set $uploads http://${uploads};
    location ^~ /uploads/ {
      proxy_pass $uploads;
      client_max_body_size 0;
      proxy_request_buffering off;
      # The last part is answered when all of the film is in the storage.
      proxy_read_timeout 10m;
    }
    set $films http://${films};
    location ^~ /t/ {
      proxy_pass $films;
      proxy_max_temp_file_size 0;
      proxy_read_timeout 60s;
    }
    # Live streams send a heartbeat every 15 s.
    location ~ /events$ {
      proxy_pass $gateways;
      proxy_buffering off;
      proxy_read_timeout 60s;
    }
    # Only a location can say what may be sent twice, so that what has a key has one of its own.
    location / {
      if ($may_repeat) { return 418; }
      proxy_pass $gateways;
      proxy_next_upstream error timeout http_503;
    }
    location @again {
      proxy_pass $gateways;
      proxy_next_upstream error timeout http_503 non_idempotent;
    }
  }

  server {
    listen ${grpc.listen} http2;
    client_max_body_size 2m;
    set $methods grpc://${grpc.address};
    grpc_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    grpc_connect_timeout 200ms;
    grpc_read_timeout 7s;
    # Only what was not sent yet: NGINX keeps no request of gRPC. All else is UNAVAILABLE, and its client repeats it.
    grpc_next_upstream error timeout;
    grpc_next_upstream_tries 2;
    location / { grpc_pass $methods; }
    # A live stream is silent while nothing happens.
    location ~ /Watch[A-Za-z]*$ {
      grpc_pass $methods;
      grpc_read_timeout 1h;
      grpc_send_timeout 1h;
    }
  }
}
`;
