# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.

# A topic for each level; `listeners` says who hears them.
module "alerts" {
  source = "../modules/aws-alerts"

  name      = "skillforge-staging"
  listeners = var.listeners
  budget = {
    amount   = "800"
    currency = "USD"
    # Other environments are paid by this account too: activate the tag for cost allocation.
    tag = "user:environment$staging"
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

  name    = "skillforge-staging"
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

  name         = "skillforge-staging-api-gateway"
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

  name         = "skillforge-staging-project-service"
  traffic      = module.service_project_service.traffic
  availability = 99.9
  latency      = { p99 = 2 }
  topics       = module.alerts.topics
}
