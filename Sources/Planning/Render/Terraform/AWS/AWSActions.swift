import Spec

/// What whoever applies a root has to be allowed: the actions of the services whose things are in it.
///
/// Names are those of AWS's Service Authorization Reference, with what it lists as dependent actions. A test holds the table
/// against the calls that the provider was seen to make.
struct AWSActions: Sendable {
    /// By the service's word in IAM: `ecs` to `["CreateCluster", …]`, sorted.
    private(set) var allowed: [String: [String]]
    /// Who makes a role of its own in an account the first time that somebody uses it: by the service's word in IAM.
    private(set) var linked: [String: String]

    /// - Parameter kinds: as Terraform calls them: `aws_ecs_cluster`.
    init(_ kinds: Set<String>) {
        var found: [String: Set<String>] = [:]
        var linked: [String: String] = [:]
        for kind in kinds {
            var service = ""
            for word in Self.table[kind] ?? [] {
                let parts = word.split(separator: ":", maxSplits: 1).map { String($0) }
                if parts.count == 2, parts[0] == "linked" {
                    linked[service] = parts[1] + ".amazonaws.com"
                    continue
                }
                if parts.count == 2 { service = parts[0] }
                found[service, default: []].insert(parts[parts.count - 1])
            }
        }
        allowed = [:]
        for (service, actions) in found {
            let looks = Self.looks[service] ?? []
            let rest = actions.filter { action in !looks.contains { Self.covers($0, action) } }
            allowed[service] = (rest.union(looks)).sorted()
        }
        self.linked = linked
    }

    /// Whether a pattern with at most one `*` fits an action.
    static func covers(_ pattern: String, _ action: String) -> Bool {
        let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return pattern == action }
        return action.hasPrefix(parts[0]) && action.hasSuffix(parts[1])
    }

    /// Kinds of resources and data sources that a text of Terraform's language declares.
    static func kinds(in text: String) -> Set<String> {
        var kinds: Set<String> = []
        for line in text.split(separator: "\n") {
            let words = line.drop { $0 == " " }.split(separator: " ", maxSplits: 2)
            guard words.count == 3, words[0] == "resource" || words[0] == "data" else { continue }
            let kind = String(words[1].filter { $0 != "\"" })
            if kind.hasPrefix("aws_") { kinds.insert(kind) }
        }
        return kinds
    }

    static func knows(_ kind: String) -> Bool { table[kind] != nil }

    /// Of every kind that there is.
    static let all = AWSActions(Set(table.keys))

    /// Services that one policy speaks of: IAM bounds its size, so there are several.
    static let parts: [(name: String, services: [String])] = {
        let edge = ["acm", "acm-pca", "cloudfront", "elasticloadbalancing", "wafv2"]
        let network = ["ec2", "route53", "route53resolver", "servicediscovery"]
        let rest = Set(all.allowed.keys).subtracting(edge + network)
        let runs = ["application-autoscaling", "cloudwatch", "ecr", "ecs", "eks", "logs", "scheduler"]
        return [("edge", edge), ("keeps", rest.subtracting(runs).sorted()), ("network", network), ("runs", runs)]
    }()

    /// As a map of Terraform's language without its braces, several actions on a line.
    var text: String {
        allowed.sorted { $0.key < $1.key }.map { service, actions in
            var lines = ["    \(service) = ["]
            for action in actions {
                let word = JSONText.quoted(action) + ","
                if let last = lines.last, lines.count > 1, last.count + word.count < 110 {
                    lines[lines.count - 1] = last + " " + word
                } else {
                    lines.append("      " + word)
                }
            }
            return (lines + ["    ]"]).joined(separator: "\n")
        }.joined(separator: "\n")
    }

    /// What is asked for each time; none of it is what somebody keeps there.
    private static let looks = read(
        """
        acm Describe* List*
        acm-pca Describe* Get* List*
        application-autoscaling Describe* List*
        budgets ListTagsForResource ViewBudget
        cloudfront Get* List*
        cloudwatch Describe* Get* List*
        ec2 Describe*
        ecr Describe* GetLifecyclePolicy GetRepositoryPolicy List*
        ecs Describe* List*
        eks Describe* List*
        elasticache Describe* List*
        elasticloadbalancing Describe*
        kms Describe* Get* List*
        logs Describe* List*
        rds Describe* List*
        route53 Get* List*
        route53resolver Get* List*
        s3 Get*Configuration GetBucket* ListBucket
        scheduler Get* List*
        secretsmanager DescribeSecret GetResourcePolicy
        servicediscovery Get* List*
        sns Get* List*
        sqs Get* List*
        wafv2 Get* List*
        """)

    private static func read(_ text: String) -> [String: [String]] {
        var rows: [String: [String]] = [:]
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ").map { String($0) }
            if let first = words.first { rows[first, default: []] += words.dropFirst() }
        }
        return rows
    }

    /// What is made, changed and taken away, by kind; a word holds for the service that was named before it.
    private static let table = read(
        """
        aws_acm_certificate acm:AddTagsToCertificate DeleteCertificate RemoveTagsFromCertificate RequestCertificate
        aws_acm_certificate UpdateCertificateOptions
        aws_acm_certificate_validation acm:DescribeCertificate
        aws_acmpca_certificate acm-pca:IssueCertificate RevokeCertificate
        aws_acmpca_certificate_authority acm-pca:CreateCertificateAuthority DeleteCertificateAuthority
        aws_acmpca_certificate_authority TagCertificateAuthority UntagCertificateAuthority UpdateCertificateAuthority
        aws_acmpca_certificate_authority_certificate acm-pca:ImportCertificateAuthorityCertificate
        aws_appautoscaling_policy application-autoscaling:DeleteScalingPolicy PutScalingPolicy
        aws_appautoscaling_policy cloudwatch:DeleteAlarms PutMetricAlarm
        aws_appautoscaling_target application-autoscaling:DeregisterScalableTarget RegisterScalableTarget TagResource
        aws_appautoscaling_target UntagResource linked:ecs.application-autoscaling
        aws_availability_zones ec2:DescribeAvailabilityZones
        aws_budgets_budget budgets:ModifyBudget TagResource UntagResource
        aws_caller_identity
        aws_cloudfront_distribution cloudfront:CreateDistribution CreateInvalidation DeleteDistribution TagResource
        aws_cloudfront_distribution UntagResource UpdateDistribution
        aws_cloudfront_origin_access_control cloudfront:CreateOriginAccessControl DeleteOriginAccessControl
        aws_cloudfront_origin_access_control UpdateOriginAccessControl
        aws_cloudfront_response_headers_policy cloudfront:CreateResponseHeadersPolicy DeleteResponseHeadersPolicy
        aws_cloudfront_response_headers_policy UpdateResponseHeadersPolicy
        aws_cloudwatch_composite_alarm cloudwatch:DeleteAlarms PutCompositeAlarm TagResource UntagResource
        aws_cloudwatch_dashboard cloudwatch:DeleteDashboards PutDashboard
        aws_cloudwatch_log_group logs:AssociateKmsKey CreateLogGroup DeleteLogGroup DeleteRetentionPolicy
        aws_cloudwatch_log_group DisassociateKmsKey PutRetentionPolicy TagResource UntagResource
        aws_cloudwatch_log_metric_filter logs:DeleteMetricFilter PutMetricFilter
        aws_cloudwatch_metric_alarm cloudwatch:DeleteAlarms PutMetricAlarm TagResource UntagResource
        aws_db_instance rds:AddTagsToResource CreateDBInstance CreateDBSnapshot DeleteDBInstance ModifyDBInstance
        aws_db_instance RebootDBInstance RemoveTagsFromResource linked:rds
        aws_db_instance secretsmanager:CreateSecret RotateSecret TagResource
        aws_db_instance_automated_backups_replication rds:DeleteDBInstanceAutomatedBackup
        aws_db_instance_automated_backups_replication StartDBInstanceAutomatedBackupsReplication
        aws_db_instance_automated_backups_replication StopDBInstanceAutomatedBackupsReplication
        aws_db_parameter_group rds:AddTagsToResource CreateDBParameterGroup DeleteDBParameterGroup
        aws_db_parameter_group ModifyDBParameterGroup RemoveTagsFromResource ResetDBParameterGroup
        aws_db_subnet_group rds:AddTagsToResource CreateDBSubnetGroup DeleteDBSubnetGroup ModifyDBSubnetGroup
        aws_db_subnet_group RemoveTagsFromResource
        aws_default_security_group ec2:AuthorizeSecurityGroupEgress AuthorizeSecurityGroupIngress CreateTags DeleteTags
        aws_default_security_group RevokeSecurityGroupEgress RevokeSecurityGroupIngress
        aws_ecr_lifecycle_policy ecr:DeleteLifecyclePolicy PutLifecyclePolicy
        aws_ecr_repository ecr:BatchCheckLayerAvailability BatchGetImage CompleteLayerUpload CreateRepository
        aws_ecr_repository DeleteRepository GetDownloadUrlForLayer InitiateLayerUpload PutImage
        aws_ecr_repository PutImageScanningConfiguration PutImageTagMutability TagResource UntagResource UploadLayerPart
        aws_ecs_cluster ecs:CreateCluster DeleteCluster TagResource UntagResource UpdateCluster UpdateClusterSettings
        aws_ecs_cluster linked:ecs
        aws_ecs_cluster_capacity_providers ecs:PutClusterCapacityProviders
        aws_ecs_service ecs:CreateService DeleteService TagResource UntagResource UpdateService
        aws_ecs_task_definition ecs:DeregisterTaskDefinition RegisterTaskDefinition RunTask TagResource UntagResource
        aws_eip ec2:AllocateAddress CreateTags DeleteTags DisassociateAddress ReleaseAddress
        aws_eks_cluster eks:CreateCluster DeleteCluster TagResource UntagResource UpdateClusterConfig
        aws_eks_cluster UpdateClusterVersion linked:eks
        aws_elasticache_parameter_group elasticache:AddTagsToResource CreateCacheParameterGroup
        aws_elasticache_parameter_group DeleteCacheParameterGroup ModifyCacheParameterGroup RemoveTagsFromResource
        aws_elasticache_parameter_group ResetCacheParameterGroup
        aws_elasticache_replication_group elasticache:AddTagsToResource CreateReplicationGroup CreateSnapshot
        aws_elasticache_replication_group DecreaseReplicaCount DeleteReplicationGroup IncreaseReplicaCount
        aws_elasticache_replication_group ModifyReplicationGroup ModifyReplicationGroupShardConfiguration
        aws_elasticache_replication_group RemoveTagsFromResource linked:elasticache
        aws_elasticache_replication_group ec2:CreateNetworkInterface DeleteNetworkInterface
        aws_elasticache_subnet_group elasticache:AddTagsToResource CreateCacheSubnetGroup DeleteCacheSubnetGroup
        aws_elasticache_subnet_group ModifyCacheSubnetGroup RemoveTagsFromResource
        aws_flow_log ec2:CreateFlowLogs CreateTags DeleteFlowLogs DeleteTags
        aws_iam_policy_document
        aws_iam_role
        aws_iam_role_policy
        aws_iam_role_policy_attachment
        aws_internet_gateway ec2:AttachInternetGateway CreateInternetGateway CreateTags DeleteInternetGateway DeleteTags
        aws_internet_gateway DetachInternetGateway
        aws_kms_alias kms:CreateAlias DeleteAlias UpdateAlias
        aws_kms_key kms:CreateKey DisableKeyRotation EnableKeyRotation PutKeyPolicy ScheduleKeyDeletion TagResource
        aws_kms_key UntagResource UpdateKeyDescription
        aws_lb elasticloadbalancing:AddTags CreateLoadBalancer DeleteLoadBalancer ModifyLoadBalancerAttributes
        aws_lb RemoveTags SetIpAddressType SetSecurityGroups SetSubnets linked:elasticloadbalancing
        aws_lb_listener elasticloadbalancing:AddTags CreateListener DeleteListener ModifyListener
        aws_lb_listener ModifyListenerAttributes RemoveTags
        aws_lb_listener_rule elasticloadbalancing:AddTags CreateRule DeleteRule ModifyRule RemoveTags SetRulePriorities
        aws_lb_target_group elasticloadbalancing:AddTags CreateTargetGroup DeleteTargetGroup ModifyTargetGroup
        aws_lb_target_group ModifyTargetGroupAttributes RemoveTags
        aws_nat_gateway ec2:CreateNatGateway CreateTags DeleteNatGateway DeleteTags
        aws_partition
        aws_region
        aws_route ec2:CreateRoute DeleteRoute ReplaceRoute
        aws_route53_record route53:ChangeResourceRecordSets
        aws_route53_resolver_firewall_domain_list route53resolver:CreateFirewallDomainList DeleteFirewallDomainList
        aws_route53_resolver_firewall_domain_list TagResource UntagResource UpdateFirewallDomains
        aws_route53_resolver_firewall_rule route53resolver:CreateFirewallRule DeleteFirewallRule UpdateFirewallRule
        aws_route53_resolver_firewall_rule_group route53resolver:CreateFirewallRuleGroup DeleteFirewallRuleGroup
        aws_route53_resolver_firewall_rule_group TagResource UntagResource
        aws_route53_resolver_firewall_rule_group_association route53resolver:AssociateFirewallRuleGroup
        aws_route53_resolver_firewall_rule_group_association DisassociateFirewallRuleGroup TagResource UntagResource
        aws_route53_resolver_firewall_rule_group_association UpdateFirewallRuleGroupAssociation
        aws_route53_zone route53:GetHostedZone
        aws_route_table ec2:CreateRouteTable CreateTags DeleteRouteTable DeleteTags
        aws_route_table_association ec2:AssociateRouteTable DisassociateRouteTable ReplaceRouteTableAssociation
        aws_s3_bucket s3:CreateBucket DeleteBucket DeleteObject PutBucketTagging PutObject
        aws_s3_bucket_lifecycle_configuration s3:PutLifecycleConfiguration
        aws_s3_bucket_ownership_controls s3:PutBucketOwnershipControls
        aws_s3_bucket_policy s3:DeleteBucketPolicy PutBucketPolicy
        aws_s3_bucket_public_access_block s3:PutBucketPublicAccessBlock
        aws_s3_bucket_replication_configuration s3:PutReplicationConfiguration
        aws_s3_bucket_server_side_encryption_configuration s3:PutEncryptionConfiguration
        aws_s3_bucket_versioning s3:PutBucketVersioning
        aws_scheduler_schedule scheduler:CreateSchedule DeleteSchedule UpdateSchedule
        aws_secretsmanager_secret secretsmanager:CreateSecret DeleteResourcePolicy DeleteSecret PutResourcePolicy
        aws_secretsmanager_secret RestoreSecret TagResource UntagResource UpdateSecret
        aws_security_group ec2:AuthorizeSecurityGroupEgress CreateSecurityGroup CreateTags DeleteNetworkInterface
        aws_security_group DeleteSecurityGroup DeleteTags DetachNetworkInterface RevokeSecurityGroupEgress
        aws_service_discovery_http_namespace servicediscovery:CreateHttpNamespace DeleteNamespace TagResource
        aws_service_discovery_http_namespace UntagResource UpdateHttpNamespace
        aws_sns_topic sns:CreateTopic DeleteTopic SetTopicAttributes TagResource UntagResource
        aws_sns_topic_policy sns:SetTopicAttributes
        aws_sns_topic_subscription sns:SetSubscriptionAttributes Subscribe Unsubscribe
        aws_sqs_queue sqs:CreateQueue DeleteQueue SetQueueAttributes TagQueue UntagQueue
        aws_sqs_queue_policy sqs:SetQueueAttributes
        aws_subnet ec2:CreateSubnet CreateTags DeleteSubnet DeleteTags ModifySubnetAttribute
        aws_vpc ec2:CreateTags CreateVpc DeleteTags DeleteVpc ModifyVpcAttribute
        aws_vpc_endpoint ec2:CreateTags CreateVpcEndpoint DeleteTags DeleteVpcEndpoints ModifyVpcEndpoint
        aws_vpc_endpoint route53:AssociateVPCWithHostedZone
        aws_vpc_security_group_egress_rule ec2:AuthorizeSecurityGroupEgress CreateTags DeleteTags
        aws_vpc_security_group_egress_rule ModifySecurityGroupRules RevokeSecurityGroupEgress
        aws_vpc_security_group_ingress_rule ec2:AuthorizeSecurityGroupIngress CreateTags DeleteTags
        aws_vpc_security_group_ingress_rule ModifySecurityGroupRules RevokeSecurityGroupIngress
        aws_wafv2_web_acl wafv2:CreateWebACL DeleteWebACL TagResource UntagResource UpdateWebACL
        aws_wafv2_web_acl_association wafv2:AssociateWebACL DisassociateWebACL elasticloadbalancing:SetWebACL
        aws_wafv2_web_acl_logging_configuration wafv2:DeleteLoggingConfiguration PutLoggingConfiguration linked:wafv2
        aws_wafv2_web_acl_logging_configuration logs:CreateLogDelivery DeleteLogDelivery PutResourcePolicy
        """)
}

extension AWSRoot {
    /// Kinds of what the root and the modules that it calls are made of.
    var kinds: Set<String> {
        var modules: [String: AWSModule] = [:]
        for module in self.modules { modules[module.name] = module }
        var kinds: Set<String> = [
            "aws_cloudwatch_log_metric_filter", "aws_cloudwatch_metric_alarm", "aws_route53_zone",
        ]
        if secondRegion != nil, !databases.isEmpty { kinds.insert("aws_db_instance_automated_backups_replication") }
        for module in modules.values { kinds.formUnion(AWSActions.kinds(in: module.text)) }
        // Modules hold these for roots that ask for them.
        if settings.budget == nil { kinds.remove("aws_budgets_budget") }
        if edgeHosts.isEmpty { kinds = kinds.filter { !$0.hasPrefix("aws_lb") } }
        if answeredNames.isEmpty { kinds = kinds.filter { !$0.hasPrefix("aws_route53_resolver") } }
        return kinds
    }
}
