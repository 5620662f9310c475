# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.

# A topic for each level; `listeners` says who hears them.
module "alerts" {
  source = "../modules/aws-alerts"

  name      = "consciousness-engine-staging"
  listeners = var.listeners
  budget = {
    amount   = "3000"
    currency = "USD"
    # Other environments are paid by this account too: activate the tag for cost allocation.
    tag = "user:environment$staging"
    warnings = [
      {
        percent = 80
        level   = "low"
      },
      {
        percent = 90
        level   = "low"
      },
    ]
  }
  kms_key = module.key.arn
}

module "dashboard" {
  source = "../modules/aws-dashboard"

  name    = "consciousness-engine-staging"
  cluster = module.cluster.name
  services = {
    engine   = { traffic = module.service_engine.traffic }
    gateway  = { traffic = module.service_gateway.traffic }
    insights = {}
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
    {
      title      = "events: not read by insights"
      namespace  = "AWS/SQS"
      dimensions = { QueueName = module.topic_events.queues["insights"].name }
      stat       = "Maximum"
      metrics    = ["ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"]
    },
    {
      title      = "sessions: use, percent"
      namespace  = "AWS/ElastiCache"
      dimensions = { CacheClusterId = module.redis_sessions.id }
      stat       = "Average"
      metrics    = ["EngineCPUUtilization", "DatabaseMemoryUsagePercentage"]
    },
    {
      title      = "sessions: connections"
      namespace  = "AWS/ElastiCache"
      dimensions = { CacheClusterId = module.redis_sessions.id }
      stat       = "Maximum"
      metrics    = ["CurrConnections"]
    },
  ]
}

module "objective_engine" {
  source = "../modules/aws-objective"

  name         = "consciousness-engine-staging-engine"
  traffic      = module.service_engine.traffic
  availability = 99.95
  latency      = { p95 = 0.2 }
  topics       = module.alerts.topics
}

module "objective_gateway" {
  source = "../modules/aws-objective"

  name         = "consciousness-engine-staging-gateway"
  traffic      = module.service_gateway.traffic
  availability = 99.95
  latency = {
    p95 = 0.25
    p99 = 0.8
  }
  topics = module.alerts.topics
}

resource "aws_cloudwatch_metric_alarm" "backlog" {
  alarm_name          = "consciousness-engine-staging-backlog"
  alarm_description   = "lag(events) > 100000"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 100000
  evaluation_periods  = 15
  treat_missing_data  = "notBreaching"
  alarm_actions       = [module.alerts.topics["medium"]]
  ok_actions          = [module.alerts.topics["medium"]]

  namespace   = "AWS/SQS"
  metric_name = "ApproximateNumberOfMessagesVisible"
  dimensions  = { QueueName = module.topic_events.queues["insights"].name }
  period      = 60
  statistic   = "Maximum"
}

resource "aws_cloudwatch_metric_alarm" "database" {
  alarm_name          = "consciousness-engine-staging-database"
  alarm_description   = "connections(db) > 800 Runbook: runbooks/database.md"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 800
  evaluation_periods  = 5
  treat_missing_data  = "missing"
  alarm_actions       = [module.alerts.topics["high"]]
  ok_actions          = [module.alerts.topics["high"]]

  namespace   = "AWS/RDS"
  metric_name = "DatabaseConnections"
  dimensions  = { DBInstanceIdentifier = module.postgres_db.id }
  period      = 60
  statistic   = "Maximum"
}

resource "aws_cloudwatch_metric_alarm" "engine_errors" {
  alarm_name          = "consciousness-engine-staging-engine-errors"
  alarm_description   = "errors(engine) > 0.5% Runbook: runbooks/errors.md"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0.5
  evaluation_periods  = 2
  treat_missing_data  = "notBreaching"
  alarm_actions       = [module.alerts.topics["critical"]]
  ok_actions          = [module.alerts.topics["critical"]]

  metric_query {
    id          = "value"
    label       = "errors(engine) > 0.5%"
    expression  = "100 * FILL(bad, 0) / requests"
    return_data = true
  }

  metric_query {
    id = "bad"

    metric {
      namespace   = module.service_engine.traffic.namespace
      metric_name = "HTTPCode_Target_5XX_Count"
      dimensions  = module.service_engine.traffic.answers
      period      = 60
      stat        = "Sum"
    }
  }

  metric_query {
    id = "requests"

    metric {
      namespace   = module.service_engine.traffic.namespace
      metric_name = "RequestCount"
      dimensions  = module.service_engine.traffic.requests
      period      = 60
      stat        = "Sum"
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "engine_full" {
  alarm_name          = "consciousness-engine-staging-engine-full"
  alarm_description   = "cpu(engine) > 90% Runbook: runbooks/capacity.md"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 90
  evaluation_periods  = 10
  treat_missing_data  = "missing"
  alarm_actions       = [module.alerts.topics["high"]]
  ok_actions          = [module.alerts.topics["high"]]

  namespace   = "AWS/ECS"
  metric_name = "CPUUtilization"
  dimensions = {
    ClusterName = module.cluster.name
    ServiceName = "engine"
  }
  period    = 60
  statistic = "Average"
}

resource "aws_cloudwatch_metric_alarm" "gateway_errors" {
  alarm_name          = "consciousness-engine-staging-gateway-errors"
  alarm_description   = "errors(gateway) > 0.5% Runbook: runbooks/errors.md"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0.5
  evaluation_periods  = 2
  treat_missing_data  = "notBreaching"
  alarm_actions       = [module.alerts.topics["critical"]]
  ok_actions          = [module.alerts.topics["critical"]]

  metric_query {
    id          = "value"
    label       = "errors(gateway) > 0.5%"
    expression  = "100 * (FILL(bad, 0) + FILL(refused, 0)) / requests"
    return_data = true
  }

  metric_query {
    id = "bad"

    metric {
      namespace   = module.service_gateway.traffic.namespace
      metric_name = "HTTPCode_Target_5XX_Count"
      dimensions  = module.service_gateway.traffic.answers
      period      = 60
      stat        = "Sum"
    }
  }

  metric_query {
    id = "requests"

    metric {
      namespace   = module.service_gateway.traffic.namespace
      metric_name = "RequestCount"
      dimensions  = module.service_gateway.traffic.requests
      period      = 60
      stat        = "Sum"
    }
  }

  metric_query {
    id = "refused"

    metric {
      namespace   = module.service_gateway.traffic.namespace
      metric_name = "TargetConnectionErrorCount"
      dimensions  = module.service_gateway.traffic.answers
      period      = 60
      stat        = "Sum"
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "gateway_slow" {
  alarm_name          = "consciousness-engine-staging-gateway-slow"
  alarm_description   = "p99(gateway) > 1s Runbook: runbooks/latency.md"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 1
  evaluation_periods  = 5
  treat_missing_data  = "notBreaching"
  alarm_actions       = [module.alerts.topics["high"]]
  ok_actions          = [module.alerts.topics["high"]]

  namespace          = module.service_gateway.traffic.namespace
  metric_name        = "TargetResponseTime"
  dimensions         = module.service_gateway.traffic.answers
  period             = 60
  extended_statistic = "p99"
}
