# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.
# Google knows a metric once it was measured, and a new project's never was: so no policy asks whether it exists.

module "dashboard" {
  source = "../modules/google-dashboard"

  project   = local.project
  title     = "shop live"
  services  = ["api", "api-of-a-name-that-is-rather-long", "ready"]
  databases = { db = module.postgres_db.instance }
  caches    = { cache = module.redis_cache.id }
}

resource "google_monitoring_notification_channel" "ana_shop_example" {
  project      = local.project
  display_name = "ana@shop.example"
  type         = "email"
  labels       = { email_address = "ana@shop.example" }
}

# Made once by an administrator, since Terraform would keep its key in the state:
# gcloud beta monitoring channels create --project shop-live --type pagerduty \
#   --display-name 'pagerduty' \
#   --channel-labels service_key="$(gcloud secrets versions access latest --project shop-live --secret pd)"
data "google_monitoring_notification_channel" "pagerduty" {
  project      = local.project
  type         = "pagerduty"
  display_name = "pagerduty"
}

# Made once by an administrator, since Terraform would keep its key in the state:
# gcloud beta monitoring channels create --project shop-live --type pagerduty \
#   --display-name 'pagerduty:payments' \
#   --channel-labels service_key="$(gcloud secrets versions access latest --project shop-live --secret pagerduty-key-payments)"
data "google_monitoring_notification_channel" "pagerduty_payments" {
  project      = local.project
  type         = "pagerduty"
  display_name = "pagerduty:payments"
}

# Made once by an administrator, since Terraform would keep its key in the state:
# gcloud beta monitoring channels create --project shop-live --type slack \
#   --display-name 'slack:#shop' \
#   --channel-labels channel_name='#shop',auth_token="$(gcloud secrets versions access latest --project shop-live --secret slack-token)"
data "google_monitoring_notification_channel" "slack_shop" {
  project      = local.project
  type         = "slack"
  display_name = "slack:#shop"
}

resource "google_monitoring_alert_policy" "asleep" {
  project      = local.project
  display_name = "shop live: asleep"
  combiner     = "OR"
  severity     = "CRITICAL"
  notification_channels = [
    google_monitoring_notification_channel.ana_shop_example.id,
    data.google_monitoring_notification_channel.pagerduty.name,
  ]
  user_labels = { level = "critical" }

  conditions {
    display_name = "up(worker) < 1"

    condition_prometheus_query_language {
      query                     = "(sum(run_googleapis_com:container_instance_count{monitored_resource=\"cloud_run_worker_pool\",worker_pool_name=\"worker\"}) or vector(0)) < 1"
      duration                  = "0s"
      evaluation_interval       = "30s"
      alert_rule                = "asleep"
      disable_metric_validation = true
    }
  }

  documentation {
    subject = "up(worker) < 1"
    content = "up(worker) < 1"
  }

  alert_strategy {
    auto_close = "1800s"
  }
}

resource "google_monitoring_alert_policy" "caching" {
  project               = local.project
  display_name          = "shop live: caching"
  combiner              = "OR"
  severity              = "ERROR"
  notification_channels = [data.google_monitoring_notification_channel.pagerduty_payments.name]
  user_labels           = { level = "high" }

  conditions {
    display_name = "memory(cache) > 90%"

    condition_prometheus_query_language {
      query                     = "max(redis_googleapis_com:stats_memory_usage_ratio{monitored_resource=\"redis_instance\",instance_id=\"projects/shop-live/locations/europe-west1/instances/cache\"}) > 0.9"
      duration                  = "0s"
      evaluation_interval       = "30s"
      alert_rule                = "caching"
      disable_metric_validation = true
    }
  }

  documentation {
    subject = "memory(cache) > 90%"
    content = "memory(cache) > 90%"
  }

  alert_strategy {
    auto_close = "1800s"
  }
}

resource "google_monitoring_alert_policy" "full" {
  project               = local.project
  display_name          = "shop live: full"
  combiner              = "OR"
  severity              = "WARNING"
  notification_channels = [google_monitoring_notification_channel.ana_shop_example.id]
  user_labels           = { level = "medium" }

  conditions {
    display_name = "disk(db) > 80%"

    condition_prometheus_query_language {
      query                     = "avg(cloudsql_googleapis_com:database_disk_utilization{monitored_resource=\"cloudsql_database\",database_id=\"shop-live:db\"}) > 0.8"
      duration                  = "0s"
      evaluation_interval       = "30s"
      alert_rule                = "full"
      disable_metric_validation = true
    }
  }

  documentation {
    subject = "disk(db) > 80%"
    content = "disk(db) > 80%"
  }

  alert_strategy {
    auto_close = "1800s"
  }
}

resource "google_logging_metric" "injection" {
  project = local.project
  name    = "injection"
  filter  = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"api\" AND \"prompt injection\""

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
  }
}

resource "google_monitoring_alert_policy" "injection" {
  project               = local.project
  display_name          = "shop live: injection"
  combiner              = "OR"
  severity              = "CRITICAL"
  notification_channels = [google_monitoring_notification_channel.ana_shop_example.id]
  user_labels           = { level = "critical" }

  conditions {
    display_name = "logs(api, \"prompt injection\") > 0"

    condition_prometheus_query_language {
      query                     = "(sum(increase(logging_googleapis_com:user_injection{monitored_resource=\"cloud_run_revision\"}[300s])) or vector(0)) > 0"
      duration                  = "0s"
      evaluation_interval       = "30s"
      alert_rule                = "injection"
      disable_metric_validation = true
    }
  }

  documentation {
    subject = "logs(api, \"prompt injection\") > 0"
    content = "logs(api, \"prompt injection\") > 0"
  }

  alert_strategy {
    auto_close = "1800s"
  }

  depends_on = [google_logging_metric.injection]
}

resource "google_monitoring_alert_policy" "raw" {
  project               = local.project
  display_name          = "shop live: raw"
  combiner              = "OR"
  severity              = "ERROR"
  notification_channels = [data.google_monitoring_notification_channel.pagerduty_payments.name]
  user_labels           = { level = "high" }

  conditions {
    display_name = "It is \"raw\"."

    condition_prometheus_query_language {
      query                     = "sum(rate(x[5m])) > 1"
      duration                  = "0s"
      evaluation_interval       = "30s"
      alert_rule                = "raw"
      disable_metric_validation = true
    }
  }

  documentation {
    subject = "It is \"raw\"."
    content = "It is \"raw\"."
  }

  alert_strategy {
    auto_close = "1800s"
  }
}

resource "google_monitoring_alert_policy" "slow" {
  project               = local.project
  display_name          = "shop live: slow"
  combiner              = "OR"
  severity              = "WARNING"
  notification_channels = [data.google_monitoring_notification_channel.slack_shop.name]
  user_labels           = { level = "low" }

  conditions {
    display_name = "p95(web) > 500ms"

    condition_prometheus_query_language {
      query                     = "histogram_quantile(0.95, sum by (le) (rate(loadbalancing_googleapis_com:https_total_latencies_bucket{monitored_resource=\"https_lb_rule\",backend_target_name=\"web\"}[5m]))) > 500"
      duration                  = "120s"
      evaluation_interval       = "30s"
      alert_rule                = "slow"
      disable_metric_validation = true
    }
  }

  documentation {
    subject = "p95(web) > 500ms"
    content = "p95(web) > 500ms\n\nRunbook: runbooks/slow.md"
  }

  alert_strategy {
    auto_close = "1800s"
  }
}

resource "google_monitoring_alert_policy" "stuck" {
  project               = local.project
  display_name          = "shop live: stuck"
  combiner              = "OR"
  severity              = "ERROR"
  notification_channels = [data.google_monitoring_notification_channel.pagerduty_payments.name]
  user_labels           = { level = "high" }

  conditions {
    display_name = "lag(orders) > 100"

    condition_prometheus_query_language {
      query                     = "sum(pubsub_googleapis_com:subscription_num_undelivered_messages{monitored_resource=\"pubsub_subscription\",subscription_id=~\"orders\\\\.ready|orders\\\\.worker\"}) > 100"
      duration                  = "600s"
      evaluation_interval       = "30s"
      alert_rule                = "stuck"
      disable_metric_validation = true
    }
  }

  documentation {
    subject = "lag(orders) > 100"
    content = "lag(orders) > 100"
  }

  alert_strategy {
    auto_close = "1800s"
  }
}

module "objective_api" {
  source = "../modules/google-objective"

  project      = local.project
  region       = local.region
  service      = module.service_api[local.region].name
  availability = 0.9995
  window_days  = 7

  latency = {
    p50 = {
      share        = 0.5
      milliseconds = 100
    }
  }

  page_channels = [
    google_monitoring_notification_channel.ana_shop_example.id,
    data.google_monitoring_notification_channel.pagerduty.name,
  ]
  ticket_channels = [google_monitoring_notification_channel.ana_shop_example.id]
}
