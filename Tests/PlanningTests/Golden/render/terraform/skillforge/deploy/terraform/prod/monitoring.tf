# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.
# Google knows a metric once it was measured, and a new project's never was: so no policy asks whether it exists.

module "dashboard" {
  source = "../modules/google-dashboard"

  project   = local.project
  title     = "skillforge prod"
  services  = ["api-gateway", "evaluation-agent", "project-service"]
  databases = { db = module.postgres_db.instance }
  caches    = { broker = module.redis_broker.id }
}

resource "google_monitoring_notification_channel" "ana_skillforge_example" {
  project      = local.project
  display_name = "ana@skillforge.example"
  type         = "email"
  labels       = { email_address = "ana@skillforge.example" }
}

resource "google_monitoring_notification_channel" "ben_skillforge_example" {
  project      = local.project
  display_name = "ben@skillforge.example"
  type         = "email"
  labels       = { email_address = "ben@skillforge.example" }
}

resource "google_monitoring_notification_channel" "chi_skillforge_example" {
  project      = local.project
  display_name = "chi@skillforge.example"
  type         = "email"
  labels       = { email_address = "chi@skillforge.example" }
}

# Made once by an administrator, since Terraform would keep its key in the state:
# gcloud beta monitoring channels create --project skillforge-prod --type pagerduty \
#   --display-name 'pagerduty' \
#   --channel-labels service_key="$(gcloud secrets versions access latest --project skillforge-prod --secret pagerduty-key)"
data "google_monitoring_notification_channel" "pagerduty" {
  project      = local.project
  type         = "pagerduty"
  display_name = "pagerduty"
}

# Made once by an administrator, since Terraform would keep its key in the state:
# gcloud beta monitoring channels create --project skillforge-prod --type slack \
#   --display-name 'slack:#alerts-info' \
#   --channel-labels channel_name='#alerts-info',auth_token="$(gcloud secrets versions access latest --project skillforge-prod --secret slack-token)"
data "google_monitoring_notification_channel" "slack_alerts_info" {
  project      = local.project
  type         = "slack"
  display_name = "slack:#alerts-info"
}

resource "google_monitoring_alert_policy" "database" {
  project               = local.project
  display_name          = "skillforge prod: database"
  combiner              = "OR"
  severity              = "CRITICAL"
  notification_channels = [data.google_monitoring_notification_channel.pagerduty.name]
  user_labels           = { level = "critical" }

  conditions {
    display_name = "cpu(db) > 90%"

    condition_prometheus_query_language {
      query                     = "avg(cloudsql_googleapis_com:database_cpu_utilization{monitored_resource=\"cloudsql_database\",database_id=\"skillforge-prod:db\"}) > 0.9"
      duration                  = "900s"
      evaluation_interval       = "30s"
      alert_rule                = "database"
      disable_metric_validation = true
    }
  }

  documentation {
    subject = "cpu(db) > 90%"
    content = file("${path.module}/../../../runbooks/database.md")
  }

  alert_strategy {
    auto_close = "1800s"
  }
}

resource "google_monitoring_alert_policy" "errors" {
  project               = local.project
  display_name          = "skillforge prod: errors"
  combiner              = "OR"
  severity              = "CRITICAL"
  notification_channels = [data.google_monitoring_notification_channel.pagerduty.name]
  user_labels           = { level = "critical" }

  conditions {
    display_name = "More than 1 % of the requests fail."

    condition_prometheus_query_language {
      query                     = "(sum(rate(run_googleapis_com:request_count{monitored_resource=\"cloud_run_revision\",service_name=\"api-gateway\",response_code_class=\"5xx\"}[5m])) or vector(0)) / sum(rate(run_googleapis_com:request_count{monitored_resource=\"cloud_run_revision\",service_name=\"api-gateway\"}[5m])) > 0.01"
      duration                  = "300s"
      evaluation_interval       = "30s"
      alert_rule                = "errors"
      disable_metric_validation = true
    }
  }

  documentation {
    subject = "More than 1 % of the requests fail."
    content = file("${path.module}/../../../runbooks/errors.md")
  }

  alert_strategy {
    auto_close = "1800s"
  }
}

resource "google_monitoring_alert_policy" "latency" {
  project               = local.project
  display_name          = "skillforge prod: latency"
  combiner              = "OR"
  severity              = "WARNING"
  notification_channels = [data.google_monitoring_notification_channel.slack_alerts_info.name]
  user_labels           = { level = "low" }

  conditions {
    display_name = "p99(api-gateway) > 2s"

    condition_prometheus_query_language {
      query                     = "histogram_quantile(0.99, sum by (le) (rate(run_googleapis_com:request_latencies_bucket{monitored_resource=\"cloud_run_revision\",service_name=\"api-gateway\"}[5m]))) > 2000"
      duration                  = "600s"
      evaluation_interval       = "30s"
      alert_rule                = "latency"
      disable_metric_validation = true
    }
  }

  documentation {
    subject = "p99(api-gateway) > 2s"
    content = file("${path.module}/../../../runbooks/latency.md")
  }

  alert_strategy {
    auto_close = "1800s"
  }
}

module "objective_api_gateway" {
  source = "../modules/google-objective"

  project      = local.project
  region       = local.region
  service      = module.service_api_gateway[local.region].name
  availability = 0.999
  window_days  = 30

  latency = {
    p95 = {
      share        = 0.95
      milliseconds = 800
    }
    p99 = {
      share        = 0.99
      milliseconds = 2000
    }
  }

  page_channels   = [data.google_monitoring_notification_channel.pagerduty.name]
  ticket_channels = [data.google_monitoring_notification_channel.slack_alerts_info.name]
}

module "objective_project_service" {
  source = "../modules/google-objective"

  project      = local.project
  region       = local.region
  service      = module.service_project_service[local.region].name
  availability = 0.999
  window_days  = 30

  latency = {
    p99 = {
      share        = 0.99
      milliseconds = 2000
    }
  }

  page_channels   = [data.google_monitoring_notification_channel.pagerduty.name]
  ticket_channels = [data.google_monitoring_notification_channel.slack_alerts_info.name]
}
