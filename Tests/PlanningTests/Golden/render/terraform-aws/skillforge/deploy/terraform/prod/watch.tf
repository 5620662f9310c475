# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.

# A topic for each level; `listeners` says who hears them.
module "alerts" {
  source = "../modules/aws-alerts"

  name      = "skillforge-prod"
  listeners = var.listeners
  budget = {
    amount   = "4000"
    currency = "USD"
    warnings = [
      {
        percent = 90
        level   = "low"
      },
      {
        percent = 100
        level   = "low"
      },
    ]
  }
  kms_key = module.key.arn
}

module "dashboard" {
  source = "../modules/aws-dashboard"

  name    = "skillforge-prod"
  cluster = module.cluster.name
  services = {
    api-gateway      = { traffic = module.service_api_gateway.traffic }
    evaluation-agent = { traffic = module.service_evaluation_agent.traffic }
    project-service  = { traffic = module.service_project_service.traffic }
  }
  charts = [
    {
      title      = "broker: use, percent"
      namespace  = "AWS/ElastiCache"
      dimensions = { CacheClusterId = module.redis_broker.id }
      stat       = "Average"
      metrics    = ["EngineCPUUtilization", "DatabaseMemoryUsagePercentage"]
    },
    {
      title      = "broker: connections"
      namespace  = "AWS/ElastiCache"
      dimensions = { CacheClusterId = module.redis_broker.id }
      stat       = "Maximum"
      metrics    = ["CurrConnections"]
    },
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
    {
      title      = "deliverables: not read by evaluation-agent"
      namespace  = "AWS/SQS"
      dimensions = { QueueName = module.topic_deliverables.queues["evaluation-agent"].name }
      stat       = "Maximum"
      metrics    = ["ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"]
    },
  ]
}

module "objective_api_gateway" {
  source = "../modules/aws-objective"

  name         = "skillforge-prod-api-gateway"
  traffic      = module.service_api_gateway.traffic
  availability = 99.9
  latency = {
    p95 = 0.8
    p99 = 2
  }
  topics = module.alerts.topics
}

module "objective_project_service" {
  source = "../modules/aws-objective"

  name         = "skillforge-prod-project-service"
  traffic      = module.service_project_service.traffic
  availability = 99.9
  latency      = { p99 = 2 }
  topics       = module.alerts.topics
}

resource "aws_cloudwatch_metric_alarm" "database" {
  alarm_name          = "skillforge-prod-database"
  alarm_description   = "cpu(db) > 90% Runbook: runbooks/database.md"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 90
  evaluation_periods  = 15
  treat_missing_data  = "missing"
  alarm_actions       = [module.alerts.topics["critical"]]
  ok_actions          = [module.alerts.topics["critical"]]

  namespace   = "AWS/RDS"
  metric_name = "CPUUtilization"
  dimensions  = { DBInstanceIdentifier = module.postgres_db.id }
  period      = 60
  statistic   = "Average"
}

resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name          = "skillforge-prod-errors"
  alarm_description   = "More than 1 % of the requests fail. Runbook: runbooks/errors.md"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 1
  evaluation_periods  = 5
  treat_missing_data  = "notBreaching"
  alarm_actions       = [module.alerts.topics["critical"]]
  ok_actions          = [module.alerts.topics["critical"]]

  metric_query {
    id          = "value"
    label       = "errors(api-gateway) > 1%"
    expression  = "100 * (FILL(bad, 0) + FILL(refused, 0)) / requests"
    return_data = true
  }

  metric_query {
    id = "bad"

    metric {
      namespace   = module.service_api_gateway.traffic.namespace
      metric_name = "HTTPCode_Target_5XX_Count"
      dimensions  = module.service_api_gateway.traffic.answers
      period      = 60
      stat        = "Sum"
    }
  }

  metric_query {
    id = "requests"

    metric {
      namespace   = module.service_api_gateway.traffic.namespace
      metric_name = "RequestCount"
      dimensions  = module.service_api_gateway.traffic.requests
      period      = 60
      stat        = "Sum"
    }
  }

  metric_query {
    id = "refused"

    metric {
      namespace   = module.service_api_gateway.traffic.namespace
      metric_name = "TargetConnectionErrorCount"
      dimensions  = module.service_api_gateway.traffic.answers
      period      = 60
      stat        = "Sum"
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "latency" {
  alarm_name          = "skillforge-prod-latency"
  alarm_description   = "p99(api-gateway) > 2s Runbook: runbooks/latency.md"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 2
  evaluation_periods  = 10
  treat_missing_data  = "notBreaching"
  alarm_actions       = [module.alerts.topics["low"]]
  ok_actions          = [module.alerts.topics["low"]]

  namespace          = module.service_api_gateway.traffic.namespace
  metric_name        = "TargetResponseTime"
  dimensions         = module.service_api_gateway.traffic.answers
  period             = 60
  extended_statistic = "p99"
}
