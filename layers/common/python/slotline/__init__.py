"""Slotline: scheduled video calls, instant calls and scheduled dialing, on AWS Lambda and DynamoDB."""
