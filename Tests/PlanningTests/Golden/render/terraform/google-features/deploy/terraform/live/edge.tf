# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.

locals {
  hosts = ["api.other.example", "www.shop.example"]
}

resource "google_compute_global_address" "edge" {
  project = local.project
  name    = "edge"
}

module "backend_api" {
  source = "../modules/google-backend"

  project          = local.project
  name             = "api"
  services         = { for region, service in module.service_api : region => service.name }
  response_headers = ["Strict-Transport-Security: max-age=86400"]
  filtered_paths   = ["/api"]

  rates = [
    {
      path    = "/api"
      count   = 200
      seconds = 10
    },
    {
      path    = "/v1"
      count   = 90
      seconds = 60
    },
  ]
}

resource "google_compute_url_map" "edge" {
  project = local.project
  name    = "edge"

  # Who comes by another name, or by none.
  default_url_redirect {
    host_redirect  = local.hosts[0]
    https_redirect = true
    strip_query    = false
  }

  host_rule {
    hosts        = ["api.other.example"]
    path_matcher = "api-other-example"
  }

  path_matcher {
    name = "api-other-example"

    default_url_redirect {
      path_redirect = "/v1"
      strip_query   = false
    }

    path_rule {
      paths   = ["/v1", "/v1/*"]
      service = module.backend_api.id
    }
  }

  host_rule {
    hosts        = ["www.shop.example"]
    path_matcher = "www-shop-example"
  }

  path_matcher {
    name            = "www-shop-example"
    default_service = module.site_web.backend

    path_rule {
      paths   = ["/*"]
      service = module.site_web.backend

      # Paths that only the browser knows.
      custom_error_response_policy {
        error_service = module.site_web.backend

        error_response_rule {
          match_response_codes   = ["404"]
          path                   = "/index.html"
          override_response_code = 200
        }
      }
    }

    path_rule {
      paths   = ["/api", "/api/*"]
      service = module.backend_api.id

      route_action {
        url_rewrite {
          path_prefix_rewrite = "/"
        }
      }
    }
  }
}

# Given out once the A records of all hosts point here. A host more makes a new one before the old one goes.
resource "google_compute_managed_ssl_certificate" "edge" {
  project = local.project
  name    = "edge-${substr(sha256(join(",", local.hosts)), 0, 8)}"

  managed {
    domains = local.hosts
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "google_compute_ssl_policy" "edge" {
  project         = local.project
  name            = "edge"
  profile         = "MODERN"
  min_tls_version = "TLS_1_2"
}

resource "google_compute_target_https_proxy" "edge" {
  project          = local.project
  name             = "edge"
  url_map          = google_compute_url_map.edge.id
  ssl_certificates = [google_compute_managed_ssl_certificate.edge.id]
  ssl_policy       = google_compute_ssl_policy.edge.id
}

resource "google_compute_global_forwarding_rule" "https" {
  project               = local.project
  name                  = "https"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  ip_address            = google_compute_global_address.edge.id
  port_range            = "443"
  target                = google_compute_target_https_proxy.edge.id
}

resource "google_compute_target_http_proxy" "edge" {
  project = local.project
  name    = "edge"
  url_map = google_compute_url_map.edge.id
}

resource "google_compute_global_forwarding_rule" "http" {
  project               = local.project
  name                  = "http"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  ip_address            = google_compute_global_address.edge.id
  port_range            = "80"
  target                = google_compute_target_http_proxy.edge.id
}
