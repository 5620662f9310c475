/// The script that runs a task of an environment once: a migration, or the roles of a database.
enum AWSRunScript {
    static func artifact(_ source: String) -> Artifact {
        let header = Artifact.header(source).map { "# " + $0 }.joined(separator: "\n")
        return Artifact(
            path: "\(TerraformRenderer.folder)/aws-run.sh", text: "#!/bin/sh\n\(header)\n\(body)", isExecutable: true)
    }

    private static let body = #"""
        # Runs a task of an environment once, waits for it (ten minutes at most) and ends as it ended:
        #   deploy/terraform/aws-run.sh prod api-migration
        # Needs terraform, aws and jq, whose variables are not the shell's.
        # shellcheck disable=SC2016
        set -eu
        root=$(dirname "$0")/$1
        outputs=$(terraform -chdir="$root" output -json)
        value() { printf '%s' "$outputs" | jq -er --arg task "$2" "$1"; }

        AWS_REGION=$(value .region.value "")
        export AWS_REGION
        cluster=$(value .cluster.value "")
        definition=$(value '.tasks.value[$task].definition' "$2")
        network=$(value '{awsvpcConfiguration: {assignPublicIp: "DISABLED", subnets: .subnets.value,
          securityGroups: [.tasks.value[$task].security_group]}} | tojson' "$2")

        task=$(aws ecs run-task --cluster "$cluster" --launch-type FARGATE --task-definition "$definition" \
          --network-configuration "$network" --query 'tasks[0].taskArn' --output text)
        echo "$task" >&2
        aws ecs wait tasks-stopped --cluster "$cluster" --tasks "$task"
        # Containers that never started have no code.
        aws ecs describe-tasks --cluster "$cluster" --tasks "$task" --output json |
          jq -e '.tasks[0] | .stoppedReason, ([.containers[].exitCode // 1] | max) == 0' >&2

        """#
}
