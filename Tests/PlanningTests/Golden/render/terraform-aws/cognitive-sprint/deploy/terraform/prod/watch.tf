# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.

# A topic for each level; `listeners` says who hears them.
module "alerts" {
  source = "../modules/aws-alerts"

  name      = "cognitive-sprint-prod"
  listeners = var.listeners
  budget = {
    amount   = "600"
    currency = "USD"
    warnings = [
      {
        percent = 80
        level   = "low"
      },
    ]
  }
  kms_key = module.key.arn
}

module "dashboard" {
  source = "../modules/aws-dashboard"

  name    = "cognitive-sprint-prod"
  cluster = module.cluster.name
  services = {
    api        = { traffic = module.service_api.traffic }
    frontend   = { traffic = module.service_frontend.traffic }
    summariser = {}
  }
  charts = [
    {
      title      = "db: processors, percent"
      namespace  = "AWS/RDS"
      dimensions = { DBInstanceIdentifier = module.postgres_db.id }
      stat       = "Average"
      metrics    = ["CPUUtilization"]
    },
    {
      title      = "db: free memory, bytes"
      namespace  = "AWS/RDS"
      dimensions = { DBInstanceIdentifier = module.postgres_db.id }
      stat       = "Average"
      metrics    = ["FreeableMemory"]
    },
    {
      title      = "db: connections"
      namespace  = "AWS/RDS"
      dimensions = { DBInstanceIdentifier = module.postgres_db.id }
      stat       = "Maximum"
      metrics    = ["DatabaseConnections"]
    },
    {
      title      = "db: free space, bytes"
      namespace  = "AWS/RDS"
      dimensions = { DBInstanceIdentifier = module.postgres_db.id }
      stat       = "Minimum"
      metrics    = ["FreeStorageSpace"]
    },
  ]
}

module "objective_api" {
  source = "../modules/aws-objective"

  name         = "cognitive-sprint-prod-api"
  traffic      = module.service_api.traffic
  availability = 99.5
  latency      = { p95 = 2 }
  topics       = module.alerts.topics
}

resource "aws_cloudwatch_metric_alarm" "api_cpu" {
  alarm_name          = "cognitive-sprint-prod-api-cpu"
  alarm_description   = "cpu(api) > 85%"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 85
  evaluation_periods  = 10
  treat_missing_data  = "missing"
  alarm_actions       = [module.alerts.topics["medium"]]
  ok_actions          = [module.alerts.topics["medium"]]

  namespace   = "AWS/ECS"
  metric_name = "CPUUtilization"
  dimensions = {
    ClusterName = module.cluster.name
    ServiceName = "api"
  }
  period    = 60
  statistic = "Average"
}

resource "aws_cloudwatch_metric_alarm" "api_errors" {
  alarm_name          = "cognitive-sprint-prod-api-errors"
  alarm_description   = "errors(api) > 5% Runbook: runbooks/api-errors.md"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 5
  evaluation_periods  = 5
  treat_missing_data  = "notBreaching"
  alarm_actions       = [module.alerts.topics["critical"]]
  ok_actions          = [module.alerts.topics["critical"]]

  metric_query {
    id          = "value"
    label       = "errors(api) > 5%"
    expression  = "100 * (FILL(bad, 0) + FILL(refused, 0)) / requests"
    return_data = true
  }

  metric_query {
    id = "bad"

    metric {
      namespace   = module.service_api.traffic.namespace
      metric_name = "HTTPCode_Target_5XX_Count"
      dimensions  = module.service_api.traffic.answers
      period      = 60
      stat        = "Sum"
    }
  }

  metric_query {
    id = "requests"

    metric {
      namespace   = module.service_api.traffic.namespace
      metric_name = "RequestCount"
      dimensions  = module.service_api.traffic.requests
      period      = 60
      stat        = "Sum"
    }
  }

  metric_query {
    id = "refused"

    metric {
      namespace   = module.service_api.traffic.namespace
      metric_name = "TargetConnectionErrorCount"
      dimensions  = module.service_api.traffic.answers
      period      = 60
      stat        = "Sum"
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "api_memory" {
  alarm_name          = "cognitive-sprint-prod-api-memory"
  alarm_description   = "memory(api) > 85%"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 85
  evaluation_periods  = 10
  treat_missing_data  = "missing"
  alarm_actions       = [module.alerts.topics["medium"]]
  ok_actions          = [module.alerts.topics["medium"]]

  namespace   = "AWS/ECS"
  metric_name = "MemoryUtilization"
  dimensions = {
    ClusterName = module.cluster.name
    ServiceName = "api"
  }
  period    = 60
  statistic = "Average"
}

resource "aws_cloudwatch_log_metric_filter" "prompt_injection" {
  name           = "cognitive-sprint-prod-prompt-injection"
  log_group_name = module.task_api.log_group
  pattern        = "\"prompt_injection\""

  metric_transformation {
    name          = "cognitive-sprint-prod-prompt-injection"
    namespace     = "cognitive-sprint/prod"
    value         = "1"
    default_value = "0"
  }
}

resource "aws_cloudwatch_metric_alarm" "prompt_injection" {
  alarm_name          = "cognitive-sprint-prod-prompt-injection"
  alarm_description   = "logs(api, \"prompt_injection\") > 0 Runbook: runbooks/prompt-injection.md"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [module.alerts.topics["high"]]
  ok_actions          = [module.alerts.topics["high"]]

  namespace   = "cognitive-sprint/prod"
  metric_name = "cognitive-sprint-prod-prompt-injection"
  period      = 300
  statistic   = "Sum"
}
