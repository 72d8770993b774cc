"""Who may do what, as people agreed on it: written by hand, and nowhere derived from the code that it holds to account.

Of a page: for each method, the least that somebody must be. `guest`: whoever comes to a page, or holds the link that
leads there. `anybody`: who is signed in. `agent`: who is an agent of the app, whatever else they are. Of an operation
of the API: the scope that a client needs.
"""

from collections.abc import Mapping

_PAGES = """
/book/{app_id}                                                   GET guest
/book/{app_id}/{service}                                         GET guest
/book/{app_id}/{service}/{page_pass}                             GET guest
/book/{app_id}/{service}/{page_pass}/zone                        GET guest
/book/{app_id}/{service}/{page_pass}/hold                        POST guest
/book/{app_id}/{service}/{page_pass}/form                        GET guest       POST guest
/book/{app_id}/{service}/{page_pass}/done                        GET guest
/b/{token}                                                       GET guest
/b/{token}/confirm                                               GET guest       POST guest
/b/{token}/cancel                                                GET guest       POST guest
/b/{token}/reschedule                                            GET guest       POST guest
/b/{token}/zone                                                  GET guest
/{rest:path}                                                     GET guest       POST guest
/c/{call_id}                                                     GET guest
/sign-in                                                         GET guest       POST guest
/sign-in/code                                                    GET guest       POST guest
/sign-in/second-factor                                           GET guest       POST guest
/sign-in/with                                                    GET guest       POST guest
/sign-in/with/{connection}                                       GET guest
/sign-in/with/{connection}/back                                  GET guest
/forgotten                                                       GET guest       POST guest
/password/{token}                                                GET guest       POST guest

/sign-out                                                        POST anybody
/account                                                         GET anybody
/account/profile                                                 POST anybody
/account/password                                                POST anybody
/account/second-factor                                           GET anybody     POST anybody
/account/second-factor/codes                                     POST anybody
/account/second-factor/remove                                    POST anybody
/account/sessions/end                                            POST anybody
/account/sessions/end-all                                        POST anybody
/my                                                              GET anybody
/console                                                         GET anybody

/my/{app_id}                                                     GET agent
/my/{app_id}/new                                                 GET agent       POST agent
/my/{app_id}/calls/{call_id}                                     GET agent
/my/{app_id}/calls/{call_id}/{step}                              GET agent       POST agent
/my/{app_id}/calls/{call_id}/recordings/{number}                 GET agent
/my/{app_id}/calendar                                            GET agent       POST agent
/my/{app_id}/calendar/end                                        POST agent
/my/{app_id}/hours                                               GET agent       POST agent
/my/{app_id}/time-off                                            GET agent       POST agent
/my/{app_id}/time-off/{absence_id}                               GET agent
/my/{app_id}/time-off/{absence_id}/tell                          POST agent
/my/{app_id}/time-off/{absence_id}/remove                        POST agent

/console/{app_id}                                                GET supervisor
/console/{app_id}/calls                                          GET supervisor
/console/{app_id}/calls/export                                   POST supervisor
/console/{app_id}/calls/new                                      GET supervisor  POST supervisor
/console/{app_id}/calls/bulk                                     GET supervisor  POST supervisor
/console/{app_id}/calls/bulk/{job_id}                            GET supervisor
/console/{app_id}/calls/bulk/{job_id}/start                      POST supervisor
/console/{app_id}/calls/bulk/{job_id}/stop                       POST supervisor
/console/{app_id}/calls/bulk/{job_id}/again                      POST supervisor
/console/{app_id}/calls/{call_id}                                GET supervisor
/console/{app_id}/calls/{call_id}/deliveries                     GET admin       POST admin
/console/{app_id}/calls/{call_id}/recordings/{number}            GET supervisor
/console/{app_id}/calls/{call_id}/confirm                        POST supervisor
/console/{app_id}/calls/{call_id}/start                          POST supervisor
/console/{app_id}/calls/{call_id}/complete                       GET supervisor  POST supervisor
/console/{app_id}/calls/{call_id}/cancel                         GET supervisor  POST supervisor
/console/{app_id}/calls/{call_id}/no-show                        GET supervisor  POST supervisor
/console/{app_id}/calls/{call_id}/reopen                         GET supervisor  POST supervisor
/console/{app_id}/calls/{call_id}/reassign                       GET supervisor  POST supervisor
/console/{app_id}/calls/{call_id}/move                           GET supervisor  POST supervisor
/console/{app_id}/calls/{call_id}/edit                           GET supervisor  POST supervisor
/console/{app_id}/calls/{call_id}/remind                         POST supervisor
/console/{app_id}/instant                                        GET supervisor
/console/{app_id}/instant/{call_id}                              GET supervisor
/console/{app_id}/instant/{call_id}/end                          POST supervisor
/console/{app_id}/instant/{call_id}/recordings/{number}          GET supervisor
/console/{app_id}/agents                                         GET supervisor
/console/{app_id}/agents/new                                     GET admin       POST admin
/console/{app_id}/agents/{agent_id}                              GET supervisor  POST admin
/console/{app_id}/agents/{agent_id}/hours                        GET supervisor  POST admin
/console/{app_id}/agents/{agent_id}/absences                     GET supervisor  POST supervisor
/console/{app_id}/agents/{agent_id}/absences/{absence_id}        GET supervisor
/console/{app_id}/agents/{agent_id}/absences/{absence_id}/tell   POST supervisor
/console/{app_id}/agents/{agent_id}/absences/{absence_id}/remove POST supervisor
/console/{app_id}/services                                       GET admin
/console/{app_id}/services/new                                   GET admin       POST admin
/console/{app_id}/services/{preset_id}                           GET admin
/console/{app_id}/services/{preset_id}/activate                  POST admin
/console/{app_id}/services/{preset_id}/remove                    POST admin
/console/{app_id}/services/{preset_id}/share                     GET admin
/console/{app_id}/services/{preset_id}/qr.svg                    GET admin
/console/{app_id}/services/{preset_id}/questions                 GET admin       POST admin
/console/{app_id}/services/{preset_id}/{section}                 GET admin       POST admin

/console/{app_id}/dialing/campaigns                              GET supervisor
/console/{app_id}/dialing/campaigns/new                          GET supervisor  POST supervisor
/console/{app_id}/dialing/campaigns/{campaign_id}                GET supervisor
/console/{app_id}/dialing/campaigns/{campaign_id}/{step}         POST supervisor
/console/{app_id}/dialing/calls                                  GET supervisor
/console/{app_id}/dialing/calls/{call_id}                        GET supervisor
/console/{app_id}/dialing/calls/{call_id}/call-off               POST supervisor
/console/{app_id}/dialing/do-not-call                            GET supervisor  POST supervisor
/console/{app_id}/dialing/do-not-call/remove                     POST supervisor
/console/{app_id}/dialing/use-cases                              GET admin
/console/{app_id}/dialing/use-cases/{use_case_id}                GET admin       POST admin
/console/{app_id}/dialing/use-cases/{use_case_id}/remove         POST admin
/console/{app_id}/dialing/numbers                                GET admin
/console/{app_id}/dialing/numbers/{number_id}                    GET admin       POST admin
/console/{app_id}/dialing/numbers/{number_id}/remove             POST admin

/console/{app_id}/settings/audit                                 GET admin       POST admin
/console/{app_id}/settings/audit/organization                    GET owner       POST owner
/console/{app_id}/settings/keys                                  GET admin       POST owner
/console/{app_id}/settings/keys/new                              GET owner
/console/{app_id}/settings/keys/{key_id}/rotate                  POST owner
/console/{app_id}/settings/keys/{key_id}/retire                  POST owner
/console/{app_id}/settings/keys/{key_id}/revoke                  POST owner
/console/{app_id}/settings/users                                 GET owner       POST owner
/console/{app_id}/settings/users/invite                          GET owner       POST owner
/console/{app_id}/settings/users/{user_id}                       GET owner       POST owner
/console/{app_id}/settings/users/{user_id}/invitation            POST owner
/console/{app_id}/settings/users/{user_id}/suspend               POST owner
/console/{app_id}/settings/users/{user_id}/resume                POST owner
/console/{app_id}/settings/users/{user_id}/sessions              POST owner
/console/{app_id}/settings/users/{user_id}/second-factor         POST owner
/console/{app_id}/settings/users/{user_id}/remove                POST owner
/console/{app_id}/settings/webhooks                              GET admin
/console/{app_id}/settings/webhooks/new                          GET admin       POST admin
/console/{app_id}/settings/webhooks/{webhook_id}                 GET admin
/console/{app_id}/settings/webhooks/{webhook_id}/edit            GET admin       POST admin
/console/{app_id}/settings/webhooks/{webhook_id}/{act}           POST admin
/console/{app_id}/settings/webhooks/{webhook_id}/deliveries/{delivery_id}          GET admin
/console/{app_id}/settings/webhooks/{webhook_id}/deliveries/{delivery_id}/resend   POST admin
"""

_API = """
/api/v1/oauth/token                               POST public
/.well-known/jwks.json                            GET public
/.well-known/oauth-authorization-server           GET public
/api/v1/video/{appId}/scheduled-calls             POST scheduling:write+website  GET scheduling:read
/api/v1/video/{appId}/scheduled-calls/{id}        GET scheduling:read  PATCH scheduling:write  DELETE scheduling:write
/api/v1/video/{appId}/scheduled-calls/{id}/confirm POST scheduling:write
/api/v1/video/{appId}/scheduled-calls/{id}/claim  POST scheduling:write
/api/v1/video/{appId}/scheduled-calls/bulk        POST scheduling:write
/api/v1/video/{appId}/scheduled-calls/{id}/start  POST scheduling:write
/api/v1/video/{appId}/scheduled-calls/{id}/reopen POST scheduling:write
/api/v1/video/{appId}/scheduled-calls/{id}/complete POST scheduling:write
/api/v1/video/{appId}/scheduled-calls/{id}/no-show POST scheduling:write
/api/v1/video/{appId}/scheduled-calls/{id}/reminders POST scheduling:write
/api/v1/video/{appId}/verifications               POST scheduling:write+website
/api/v1/video/{appId}/availability                GET scheduling:read+website
/api/v1/video/{appId}/holds                       POST scheduling:write+website
/api/v1/video/{appId}/holds/{holdId}              GET scheduling:read  DELETE scheduling:write
/api/v1/video/{appId}/agents                      GET scheduling:read  POST scheduling:write
/api/v1/video/{appId}/agents/{agentId}            GET scheduling:read  PATCH scheduling:write  DELETE scheduling:write
/api/v1/video/{appId}/agents/{agentId}/working-hours GET scheduling:read  PUT scheduling:write
/api/v1/video/{appId}/agents/{agentId}/exceptions GET scheduling:read  POST scheduling:write
/api/v1/video/{appId}/agents/{agentId}/do-not-disturb GET scheduling:read  POST scheduling:write
/api/v1/video/{appId}/agents/{agentId}/exceptions/{exceptionId} DELETE scheduling:write
/api/v1/video/{appId}/agents/{agentId}/do-not-disturb/{windowId} DELETE scheduling:write
/api/v1/video/{appId}/presets                     GET scheduling:read  POST scheduling:write
/api/v1/video/{appId}/services                    GET scheduling:read+website
/api/v1/video/{appId}/presets/{presetId}          GET scheduling:read  PATCH scheduling:write  DELETE scheduling:write
/api/v1/video/{appId}/presets/{presetId}/activate POST scheduling:write
/api/v1/video/{appId}/webhooks                    GET webhooks:write  POST webhooks:write
/api/v1/video/{appId}/webhooks/{webhookId}        GET webhooks:write  PATCH webhooks:write  DELETE webhooks:write
/api/v1/video/{appId}/webhooks/{webhookId}/deliveries GET webhooks:write
/api/v1/video/{appId}/webhooks/{webhookId}/deliveries/{deliveryId} GET webhooks:write
/api/v1/video/{appId}/webhooks/{webhookId}/rotate-secret POST webhooks:write
/api/v1/video/{appId}/webhooks/{webhookId}/test   POST webhooks:write
/api/v1/video/{appId}/webhooks/{webhookId}/deliveries/{deliveryId}/resend POST webhooks:write
/api/v1/video/{appId}/webhooks/{webhookId}/replay POST webhooks:write
/api/calls                                        POST website
/api/calls/{id}                                   GET scheduling:read+website
/api/calls/{id}/end                               POST scheduling:write+website
/api/v1/guest/{token}                             GET public
/api/v1/guest/{token}/availability                GET public
/api/v1/guest/{token}/calendar.ics                GET public
/api/v1/guest/{token}/confirm                     POST public
/api/v1/guest/{token}/cancel                      POST public
/api/v1/guest/{token}/reschedule                  POST public
/api/v1/openapi.json                              GET public
/api/v1/use-cases                                 GET dialing:read  POST dialing:write
/api/v1/use-cases/{useCaseId}                     GET dialing:read  PATCH dialing:write  DELETE dialing:write
/api/v1/numbers                                   GET dialing:read  POST dialing:write
/api/v1/numbers/{numberId}                        GET dialing:read  PATCH dialing:write  DELETE dialing:write
/api/v1/do-not-call                               GET dialing:read  POST dialing:write
/api/v1/do-not-call/{phoneNumber}                 DELETE dialing:write
/api/v1/dial/scheduled                            POST dialing:write
/api/v1/dial/outbound                             POST dialing:write
/api/v1/dial/preflight                            POST dialing:write
/api/v1/dial/uploads                              POST dialing:write
/api/v1/calls                                     GET dialing:read
/api/v1/calls/{callId}                            GET dialing:read
/api/v1/campaigns                                 GET dialing:read
/api/v1/campaigns/{campaignId}                    GET dialing:read
/api/v1/campaigns/{campaignId}/export.csv         GET dialing:read
/api/v1/campaigns/{campaignId}/pause              POST dialing:write
/api/v1/campaigns/{campaignId}/resume             POST dialing:write
/api/v1/campaigns/{campaignId}/cancel             POST dialing:write
/api/v1/calls/{callId}/cancel                     POST dialing:write
/api/v1/calls/{callId}/stop                       POST dialing:write
"""


def _rows(table: str) -> Mapping[str, str]:
    rows: dict[str, str] = {}
    for line in table.split("\n"):
        path, *cells = line.split() or [""]
        for method, least in zip(cells[::2], cells[1::2], strict=True):
            assert rows.setdefault(f"{method} {path}", least) == least, f"two rows of {method} {path}"
    return rows


PAGES = _rows(_PAGES)
"""By method and path, the least that somebody must be."""
API = _rows(_API)
"""By method and path, what opens it: `public`, a scope of an API client, `website` for a widget key of the app."""
