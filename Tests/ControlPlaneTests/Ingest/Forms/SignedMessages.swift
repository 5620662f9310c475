/// Messages in the form of Amazon's own examples, signed with a key that was thrown away afterwards; its certificate is
/// valid until 2126.
enum SignedMessages {
    static let certificateURL =
        "https://sns.us-west-2.amazonaws.com/SimpleNotificationService-f3ecfb7224c7233fe7bb5f59f96de52f.pem"

    static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIDCDCCAfCgAwIBAgIBATANBgkqhkiG9w0BAQsFADAcMRowGAYDVQQDDBFzbnMu
        YW1hem9uYXdzLmNvbTAgFw0yNjExMjExODQ2MjNaGA8yMTI2MTAyODE4NDYyM1ow
        HDEaMBgGA1UEAwwRc25zLmFtYXpvbmF3cy5jb20wggEiMA0GCSqGSIb3DQEBAQUA
        A4IBDwAwggEKAoIBAQCpSKE4hU9dDQRi3heq0nMCQq4rfnC8scw9y9cTgpvKyrYc
        oTtGhsftXw0dXcAijoJeALhLRUpSCdXVPoVFKD1ffcYcSs61fSLhswOS6F1FFZxN
        8vwkO6qkzYGVgKKnVrxXVLJTLM7a1RDJi/JlDemhVkIFfVudEdNxoX8cjeN0gXAW
        Kw8RGJReNflzzDjRR5LyqIGytbP+wzQh/MTW+sYNCtxSjlt1f1zO5HXkToQr5yu0
        hykCLMddr+fw77XaBLqAuZ6YnrRRwzCiM2gOK97quQD5hFuIt1HqJAtjRSfwOmx9
        mOnaqNk4KyPo07fBUYkTU52Hz1QjO1MaPRFD/AhHAgMBAAGjUzBRMB0GA1UdDgQW
        BBRTpc0iXc2mnqHkfLW7LKfcBoFWQjAfBgNVHSMEGDAWgBRTpc0iXc2mnqHkfLW7
        LKfcBoFWQjAPBgNVHRMBAf8EBTADAQH/MA0GCSqGSIb3DQEBCwUAA4IBAQBHl/ws
        OzI9w9lS85Cgivm0f3vRDQlLLCF/j6vAYQELnugI+VMWBvFp4u5CKB5Y+Svz5Zby
        BognsMOz3L5MbW3XUSHQ0O+wJrFPE8zV17P9ogUCjipjslLOZaRCoVqxVjSN6B66
        /RJPu79C0m/1a4pvBaWjjVACYWqjw98pLYKzbB41gmUvUbyhCurSDZqqhgEUBjfu
        RIl8QXd+u72WGFY/rc3Ea2HogKbpfYh0g1UQjJbUuZvzkC2j/Wd4FzAUbgdfJkwS
        TYtAWqByoIwYUAaaISEuIz+l1ml+CwYUFcdRzzAuLxv+6k6jCI5TaA6fpQLdqrQv
        mQi05ZILgwxwNNSj
        -----END CERTIFICATE-----
        """

    /// Of another key.
    static let otherCertificate = """
        -----BEGIN CERTIFICATE-----
        MIIDGzCCAgOgAwIBAgIUEdXI43blpBKJTxL/roqFWOz+m2kwDQYJKoZIhvcNAQEL
        BQAwHDEaMBgGA1UEAwwRc25zLmFtYXpvbmF3cy5jb20wIBcNMjYxMTIxMTg0NjIz
        WhgPMjEyNjEwMjgxODQ2MjNaMBwxGjAYBgNVBAMMEXNucy5hbWF6b25hd3MuY29t
        MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAparxmpO7+OXbVUqaBmil
        ti4OMphObCwUffVr3aDRGT4KxESWjb36KyQbjm99PCjjA+ThAG7ws32J5cJ2L+GP
        mBSEJbFA0jqMjS6C5ajlaODic2BUxbChU7H5YKkdvOSmHIusfqdg7401FfS3kaA1
        YjcaOZGcH3L1Mt6KeljKXg2JYYMlZJT5kCJstThi5x0xF+oQ3MrrfRS7F56D0ehi
        1+8wpYwztfb6oo6C5gpFflK6vVlWNjrloa6fpX5WxWBf9UtQ+sFEJir7ogCNGeMr
        r/fsko1ueVpQN6lW92V6gRZWYENkPk2vUWFbILvM7uSghI8ySPoD5Wj5w3j6+jV2
        aQIDAQABo1MwUTAdBgNVHQ4EFgQU+mK9DUXMUasgQNKtAfkks9p2FRgwHwYDVR0j
        BBgwFoAU+mK9DUXMUasgQNKtAfkks9p2FRgwDwYDVR0TAQH/BAUwAwEB/zANBgkq
        hkiG9w0BAQsFAAOCAQEAUV/Q1dvGHk9Ct7aQ+5Yepw6lUk3HQyB0q86yIVqHLD59
        k3yLfI0WE3GCs9rJ17BxCvL6R/AR6f7wmoBtWZn+dQozWygq508GVS0cDZBxqM4X
        xFyaAFwDqaqM93nNcMm/+cFS8Uwn1N28lCmNkzAs//KOFaEt8GwZIzYYQuUZFlUv
        wkOjbdrsfyG45sHHgKcLlSZIyNy42qvF9u/tYVBsixu787woEfJNYhWaxRlXtOrG
        sPerSG7LWLrBSoSzA1Mgst0jBCxlctcYB8KwoDvEqJRFhg20fVA13M72AipJrRXC
        Zi2h+KzRce+O5jjC2o4RlmljrafIC+aKKLt/McNK5g==
        -----END CERTIFICATE-----
        """

    static let subscription = #"""
        {
          "Type": "SubscriptionConfirmation",
          "MessageId": "165545c9-2a5c-472c-8df2-7ff2be2b3b1b",
          "Token": "2336412f37fb687f5d51e6e2425c464de257eb5",
          "TopicArn": "arn:aws:sns:us-west-2:123456789012:MyTopic",
          "Message": "You have chosen to subscribe to the topic arn:aws:sns:us-west-2:123456789012:MyTopic.\#
        \nTo confirm the subscription, visit the SubscribeURL included in this message.",
          "SubscribeURL": "https://sns.us-west-2.amazonaws.com/?Action=ConfirmSubscription&TopicArn=arn:aws:\#
        sns:us-west-2:123456789012:MyTopic&Token=2336412f37fb687f5d51e6e2425c464de257eb5",
          "Timestamp": "2012-04-26T20:45:04.751Z",
          "SignatureVersion": "1",
          "Signature": "ZK295fs+UDENCwWkvdVbS+7i35O2JJbpDvOyF+30GGwXKQcpN9ENnRySjedlCNJWg3LvJ44oiUOqwVrcxX0+\#
        0gblbldjTLN14ceCwOYLEHnpeBe8kyoFLdNfU8YeI9hIJHgS++9c4haHESvr3P5Ln2uebFcH92KSodHCU/m88dxdyB4b/Plw4H/6\#
        SN3vrj/zoZ9wNPB5tk/9xLD2yEkSttH6wrexKyuNhU3pZDhPrp/+2JednRxp9TheJyTVLV+r+GeXfz4Gwtz777joVuJoyjH/VsRm\#
        StH6qYjVMwDOuSgaiFMavwGupVjBIjXD0OCHmR2XqLTJAkek/OdchHOJRQ==",
          "SigningCertURL": "https://sns.us-west-2.amazonaws.com/SimpleNotificationService-f3ecfb7224c7233fe\#
        7bb5f59f96de52f.pem"
        }
        """#

    static let unsubscribe = #"""
        {
          "Type": "UnsubscribeConfirmation",
          "MessageId": "47138184-6831-46b8-8f7c-afc488602d7d",
          "Token": "2336412f37fb687f5d51e6e2425c464de257eb5",
          "TopicArn": "arn:aws:sns:us-west-2:123456789012:MyTopic",
          "Message": "You have chosen to subscribe to the topic arn:aws:sns:us-west-2:123456789012:MyTopic.\#
        \nTo confirm the subscription, visit the SubscribeURL included in this message.",
          "SubscribeURL": "https://sns.us-west-2.amazonaws.com/?Action=ConfirmSubscription&TopicArn=arn:aws:\#
        sns:us-west-2:123456789012:MyTopic&Token=2336412f37fb687f5d51e6e2425c464de257eb5",
          "Timestamp": "2012-04-26T20:45:04.751Z",
          "SignatureVersion": "1",
          "Signature": "RxnMlA+dvebDPsxMpIlW3S9KegjZlJn+OqjgS34yZ0QlRy7u/6ufc2Yn84ch6mXFAHlg9Evn4F+N8tQGdTtt\#
        YLbKRkRjr4NHXalC5EPWSd0Eef6c5ttfza006BPFna9kAKESIDf6TjCMn0UCl8oisdjTSMCPmWAoMq127BnQhMJTZRg/waTCC/Ye\#
        g0f3Fo2lPe9ZlLr+kZipgtCSVEIldWjCkrw0ba3KvpungeNNGywi22zzSidxkfQNQ2NzS41xSxtiN6GF8u+leCyoQwP2LNYvqiKk\#
        11xdw3+0EB/CywfVjHl8ppsAaL6t1hIBWcRq05wx7Y0tx3k5cAQkb0FsPA==",
          "SigningCertURL": "https://sns.us-west-2.amazonaws.com/SimpleNotificationService-f3ecfb7224c7233fe\#
        7bb5f59f96de52f.pem"
        }
        """#

    static let alarm = #"""
        {
          "Type": "Notification",
          "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
          "TopicArn": "arn:aws:sns:us-west-2:123456789012:MyTopic",
          "Subject": "ALARM: \"Example alarm name\" in EU - Ireland",
          "Message": "{\"AlarmName\":\"Example alarm name\",\"AlarmDescription\":\"Example alarm description\#
        .\",\"AWSAccountId\":\"000000000000\",\"NewStateValue\":\"ALARM\",\"NewStateReason\":\"Threshold Cro\#
        ssed: 1 datapoint (10.0) was greater than or equal to the threshold (1.0).\",\"StateChangeTime\":\"2\#
        017-01-12T16:30:42.236+0000\",\"Region\":\"EU - Ireland\",\"AlarmArn\":\"arn:aws:cloudwatch:eu-west-\#
        1:000000000000:alarm:Example alarm name\",\"OldStateValue\":\"OK\",\"Trigger\":{\"MetricName\":\"Del\#
        iveryErrors\",\"Namespace\":\"ExampleNamespace\",\"Statistic\":\"SUM\",\"Unit\":null,\"Dimensions\":\#
        [{\"name\":\"QueueName\",\"value\":\"orders\"}],\"Period\":300,\"EvaluationPeriods\":1,\"ComparisonO\#
        perator\":\"GreaterThanOrEqualToThreshold\",\"Threshold\":1.0}}",
          "Timestamp": "2012-05-02T00:54:06.655Z",
          "SignatureVersion": "2",
          "Signature": "UwdOvveiLu6x7+n66gAzo9l8WbhBeBDiJU13uaNdlWYcWDPINjbU+V+VWxKl5xDF+tJH51d9ZpOz2wlVBGl7\#
        IYgoyqo79I1Zabru9CbTgiKwKS2EcieuBrkQ+wg0zk7JTiSWfDBgAT3o7R+HOOwWGkQc/Hjlh/l+BruNNXvi7v7qSyzwHgHZ42f0\#
        gRYC+p84j9bjGspisDo2h48m681unGsRlca4hTOP+DeQI9iJg67quHOwPzjPk8c6rWfU4F/4FjcV12zyKXq96Kc+8CyxT0L4UBXM\#
        fi49Kv8m4qWGcG8eKBOZxo8hJvVNWXP82myj+Wvg18arY0rzKdoXtc0QIw==",
          "SigningCertURL": "https://sns.us-west-2.amazonaws.com/SimpleNotificationService-f3ecfb7224c7233fe\#
        7bb5f59f96de52f.pem"
        }
        """#

    static let ok = #"""
        {
          "Type": "Notification",
          "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf325",
          "TopicArn": "arn:aws:sns:us-west-2:123456789012:MyTopic",
          "Subject": "OK: \"Example alarm name\" in EU - Ireland",
          "Message": "{\"AlarmName\":\"Example alarm name\",\"AlarmDescription\":\"Example alarm description\#
        .\",\"AWSAccountId\":\"000000000000\",\"NewStateValue\":\"OK\",\"NewStateReason\":\"Threshold Crosse\#
        d: 1 datapoint (10.0) was greater than or equal to the threshold (1.0).\",\"StateChangeTime\":\"2017\#
        -01-12T16:30:42.236+0000\",\"Region\":\"EU - Ireland\",\"AlarmArn\":\"arn:aws:cloudwatch:eu-west-1:0\#
        00000000000:alarm:Example alarm name\",\"OldStateValue\":\"ALARM\",\"Trigger\":{\"MetricName\":\"Del\#
        iveryErrors\",\"Namespace\":\"ExampleNamespace\",\"Statistic\":\"SUM\",\"Unit\":null,\"Dimensions\":\#
        [{\"name\":\"QueueName\",\"value\":\"orders\"}],\"Period\":300,\"EvaluationPeriods\":1,\"ComparisonO\#
        perator\":\"GreaterThanOrEqualToThreshold\",\"Threshold\":1.0}}",
          "Timestamp": "2012-05-02T00:54:06.655Z",
          "SignatureVersion": "1",
          "Signature": "lAOaOZO3BdMlGenEGNrIL3RjE7vLvWgWQUf54H/WWWpFQpSdtt1HcO4piG1yy4397Vwpei3mst3FvytEiPbE\#
        HRgwD7pmN7LqNAUQ1WijcLrqm8vpPWb/vv2rQMtIQn+FESrmyO2fp/usUlUOAoWMTgBQSZgXu2UYteK1jvmwzotfbWWptyfpc8X5\#
        GgkjE8chIzvVBplyUQC6wHJ58qT5Z/eHGc77rkrnGY3HcOVLRqRELSL52QZM/Xzhlc88M1+t9XRIol++o3MVBMTmB7ot2540tTXd\#
        47D4hSYobH05B9+tILEsT4SmiETqq+S6283qO+DuE5QWfDfAe7XxOiO/XA==",
          "SigningCertURL": "https://sns.us-west-2.amazonaws.com/SimpleNotificationService-f3ecfb7224c7233fe\#
        7bb5f59f96de52f.pem"
        }
        """#

    static let noData = #"""
        {
          "Type": "Notification",
          "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf326",
          "TopicArn": "arn:aws:sns:us-west-2:123456789012:MyTopic",
          "Message": "{\"AlarmName\":\"Example alarm name\",\"AlarmDescription\":\"Example alarm description\#
        .\",\"AWSAccountId\":\"000000000000\",\"NewStateValue\":\"INSUFFICIENT_DATA\",\"NewStateReason\":\"T\#
        hreshold Crossed: 1 datapoint (10.0) was greater than or equal to the threshold (1.0).\",\"StateChan\#
        geTime\":\"2017-01-12T16:30:42.236+0000\",\"Region\":\"EU - Ireland\",\"AlarmArn\":\"arn:aws:cloudwa\#
        tch:eu-west-1:000000000000:alarm:Example alarm name\",\"OldStateValue\":\"OK\",\"Trigger\":{\"Metric\#
        Name\":\"DeliveryErrors\",\"Namespace\":\"ExampleNamespace\",\"Statistic\":\"SUM\",\"Unit\":null,\"D\#
        imensions\":[{\"name\":\"QueueName\",\"value\":\"orders\"}],\"Period\":300,\"EvaluationPeriods\":1,\#
        \"ComparisonOperator\":\"GreaterThanOrEqualToThreshold\",\"Threshold\":1.0}}",
          "Timestamp": "2012-05-02T00:54:06.655Z",
          "SignatureVersion": "2",
          "Signature": "W8ozEBlSO8n65Khsr13aP5aGIoJ0z1W1HM8X/3Rq6Y0gh0efrt2gPvkqYSvuGdwM8MIkAnOggUX0JEmjgwS0\#
        St/OAfqUT23vvF+iWyhdPwEtCWFI2Ia2qlf79r9yyqsrmrUMei7Aer1uCv66k1jtVsi3XD54TVGUvYr81VEyQQoOhRSFd5vrYLUq\#
        ax7Fo2/zgEn5XuKdwexifj4UUtTtPbNrCxido3ghEmb3epXL3w60H2SEfdut+ceFXbKwgpwe8UEL8vr6laPX7bd3oMbAzENFMHx/\#
        n8wlHuc3DnqtptGqDkM7Dhl1ZQpWgf7fuLHazvXD757evyDdWLi+R4DWPg==",
          "SigningCertURL": "https://sns.us-west-2.amazonaws.com/SimpleNotificationService-f3ecfb7224c7233fe\#
        7bb5f59f96de52f.pem"
        }
        """#

    static let plain = #"""
        {
          "Type": "Notification",
          "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf327",
          "TopicArn": "arn:aws:sns:us-west-2:123456789012:MyTopic",
          "Subject": "My First Message",
          "Message": "Hello world!",
          "Timestamp": "2012-05-02T00:54:06.655Z",
          "SignatureVersion": "1",
          "Signature": "fcIVAobH2qSOAvh5Q43Fqe9SUYierdRFa3y17QNlwNJFjpxB06U25ie32JIup/AFE2mi1xuB/BgYNXJaR/ZR\#
        KNbEywzjoQ79rftWZhfLfx95LM70aircwanZu1UxHedNW+oqYpbzwzneRFped69bOFmKw8v4ebMNmD3sxSFGnLVRVodqwlCQbrOd\#
        /1iF4iQUquyu6zFhoNiorFkbIlljedhvdp73HYttAymoV2AsNElQ0AAzYYFJ30+WuZiybCNbphwciui1fJcmukGsml0gr0c7zFX1\#
        jOfJmxoYFG8MljlgM7fn9iyiu0Kau+YHhy6OGHlvnOD0bigu8dcq6HCCZQ==",
          "SigningCertURL": "https://sns.us-west-2.amazonaws.com/SimpleNotificationService-f3ecfb7224c7233fe\#
        7bb5f59f96de52f.pem"
        }
        """#

    static let stranger = #"""
        {
          "Type": "SubscriptionConfirmation",
          "MessageId": "165545c9-2a5c-472c-8df2-7ff2be2b3b1b",
          "Token": "2336412f37fb687f5d51e6e2425c464de257eb5",
          "TopicArn": "arn:aws:sns:us-west-2:123456789012:MyTopic",
          "Message": "You have chosen to subscribe to the topic arn:aws:sns:us-west-2:123456789012:MyTopic.\#
        \nTo confirm the subscription, visit the SubscribeURL included in this message.",
          "SubscribeURL": "https://sns.us-west-2.amazonaws.com.evil.example/?Action=ConfirmSubscription",
          "Timestamp": "2012-04-26T20:45:04.751Z",
          "SignatureVersion": "2",
          "Signature": "GfxpPyF808yvE12RT0CNXtUcMUkUGFpzkEEhJgAZPGYECamGu1F1iiFG39M7aOw+KmPPupK7N+FNrwKKK7Pf\#
        pMcH71J7eKsDW1iz7TdQPrRbU2cI68tndcOXZ35lmbm8uSyO74w/wVxeE7X3FhJ5Tn6nE4+31bFEeAQTGfsPEp85kmmTrP9xhZLr\#
        X+ae3Im0g9TwN2ss5su/XEovrhroP/xJ94NcF5cl0shSOK4gk3q7eogsPeNJVEfTuNpzFW1IX5gUJ8rOUWgVn6qIA8fGIptysKOx\#
        JTMw5R7i4wnsVMmqpw+H4Y4AD8e7YboPmLt1o7EJRWLGhpnO3hhhYLpjFQ==",
          "SigningCertURL": "https://sns.us-west-2.amazonaws.com/SimpleNotificationService-f3ecfb7224c7233fe\#
        7bb5f59f96de52f.pem"
        }
        """#
}
